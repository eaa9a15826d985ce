import { formatProblem, type Problem } from './problem.js';

/** The backend did not start: every reason at once, and what became of each plugin. */
export class BackendStartupError<Result = unknown> extends Error {
  override readonly name = 'BackendStartupError';
  readonly #problems: readonly Problem[];
  readonly #result: Result | undefined;

  constructor(problems: readonly Problem[], result?: Result) {
    // The frames of whoever started the backend say nothing about why it did not start.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(describe(problems));
    Error.stackTraceLimit = stackTraceLimit;
    this.#problems = problems;
    this.#result = result;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** What became of each plugin; `undefined` where the plan already had problems. */
  get result(): Result | undefined {
    return this.#result;
  }
}

function describe(problems: readonly Problem[]): string {
  const reasons = problems.length === 1 ? 'for 1 reason' : `for ${problems.length} reasons`;
  const list = problems.map((problem, index) => `${index + 1}) ${formatProblem(problem)}`);
  return `The backend did not start, ${reasons}:\n\n${list.join('\n\n')}\n`;
}
