import { formatProblem, type Problem } from './problem.js';

/** The backend has stopped, but not everything in it ended as it should. */
export class BackendStopError extends Error {
  override readonly name = 'BackendStopError';
  readonly #problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(
      `The backend stopped, but not cleanly:\n\n${problems.map((p, i) => `${i + 1}) ${formatProblem(p)}`).join('\n\n')}\n`,
    );
    Error.stackTraceLimit = stackTraceLimit;
    this.#problems = problems;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }
}
