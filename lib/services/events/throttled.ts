/**
 * Lets a line through at once, and then one at most each `interval` ms, which says how many it stands for: a log that is
 * flooded by one plugin serves no other.
 */
export class Throttled {
  readonly #interval: number;
  #last = -Infinity;
  #held = 0;

  constructor(interval = 10_000) {
    this.#interval = interval;
  }

  /** `write` gets how many there were since the last line, this one among them. */
  add(count: number, write: (count: number) => void): void {
    this.#held += count;
    const now = performance.now();
    if (now - this.#last < this.#interval) return;
    this.#last = now;
    const all = this.#held;
    this.#held = 0;
    write(all);
  }
}
