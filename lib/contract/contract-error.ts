/** One thing that is wrong with a contract, or with how it is used. */
export interface ContractProblem {
  /** Stable; `docs/errors.md` has an entry for each. */
  readonly code: string;
  readonly message: string;
  /** From the api to what is wrong. */
  readonly path: readonly string[];
  readonly fix: string;
  readonly cause?: unknown;
}

/** A contract that cannot be kept, or a request that cannot be made from one. Its stack begins where the mistake is. */
export class ContractError extends Error {
  override readonly name: string = 'ContractError';
  readonly #problems: readonly ContractProblem[];

  /** `caller` is the function whose caller has made the mistake. */
  constructor(problems: readonly [ContractProblem, ...ContractProblem[]], caller: (...args: never[]) => unknown) {
    super(problems.map(formatted).join('\n\n'), { cause: problems[0].cause });
    this.#problems = problems;
    // Only V8 has it.
    Error.captureStackTrace?.(this, caller);
  }

  /** The code of the first problem. */
  get code(): string {
    return this.#problems[0]!.code;
  }

  get problems(): readonly ContractProblem[] {
    return this.#problems;
  }
}

function formatted({ code, message, path, fix }: ContractProblem): string {
  return [`[${code}] ${message}`, ...path, `fix: ${fix}`].join('\n   ');
}
