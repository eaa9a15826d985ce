/** Lets something be done at most once within a time. */
export class AtMostEvery {
  readonly #interval: number;
  #last = -Infinity;

  /** `interval` in ms. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Whether it is time; if so, it is done. */
  admits(): boolean {
    const now = performance.now();
    if (now - this.#last < this.#interval) return false;
    this.#last = now;
    return true;
  }
}
