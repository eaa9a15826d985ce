/** An instance that was made here and is disposed here. */
export interface Constructed {
  readonly title: string;
  readonly instance: unknown;
}

/** The instances of one owner in the order in which they were made, so that they can be disposed in reverse. */
export class ConstructionLog {
  readonly #made: Constructed[] = [];
  /** Made for those who wait, which few constructions do. */
  #closing: AbortController | undefined;
  #onLate: ((made: Constructed) => void) | undefined;

  /** Nothing more is to be constructed: what was made is being disposed. */
  get closed(): boolean {
    return this.#onLate !== undefined;
  }

  /** Aborts when nothing more is to be constructed. */
  get closing(): AbortSignal {
    return (this.#closing ??= new AbortController()).signal;
  }

  add(made: Constructed): void {
    if (this.#onLate) this.#onLate(made);
    else this.#made.push(made);
  }

  /** Gives what was made, newest first; what only now gets done goes to `onLate`. */
  close(onLate: (made: Constructed) => void): Constructed[] {
    this.#onLate = onLate;
    this.#closing?.abort();
    return this.#made.splice(0).toReversed();
  }
}
