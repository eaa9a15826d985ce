import { formatProblem, type Problem } from './problem.js';

/** Every error the framework throws: a stable code, a place, and a fix. */
export class BackplaneError extends Error {
  override readonly name: string = 'BackplaneError';
  readonly #problem: Problem;

  constructor(problem: Problem) {
    super(formatProblem({ ...problem, cause: undefined }), { cause: problem.cause });
    this.#problem = problem;
  }

  /** Tells without asking `value` anything, so a hostile one cannot answer. */
  static is(value: unknown): value is BackplaneError {
    return typeof value === 'object' && value !== null && #problem in value;
  }

  get code(): string {
    return this.#problem.code;
  }

  get problem(): Problem {
    return this.#problem;
  }
}
