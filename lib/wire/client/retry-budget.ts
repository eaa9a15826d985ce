/** How many retries are granted at once, and per second at the least. */
const burst = 10;
const perSecond = 1;
/** How many each call adds. */
const share = 0.1;

/** Keeps retries from becoming the load that a failing target dies of: a tenth of the calls, and a few more. */
export class RetryBudget {
  #left = burst;
  #countedAt = performance.now();

  /** Takes note of a call that was sent. */
  earn(): void {
    this.#left = Math.min(burst, this.#left + share);
  }

  /** Whether one more retry may be sent; then it is taken. */
  spend(): boolean {
    const now = performance.now();
    this.#left = Math.min(burst, this.#left + ((now - this.#countedAt) / 1_000) * perSecond);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
