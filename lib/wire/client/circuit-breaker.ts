/** So many failures one after the other open the circuit. */
const threshold = 5;
/** How long it stays open, in ms; twice as long after each probe that fails. */
const shortest = 1_000;
const longest = 30_000;

/** Stops asking a target that does not answer, and sends one call now and then to see whether it does again. */
export class CircuitBreaker {
  #failures = 0;
  #pause = shortest;
  #openUntil = 0;
  #isProbing = false;

  /** Whether a call may be sent; whoever sends it says how it went. */
  admits(): boolean {
    if (this.#failures < threshold) return true;
    if (this.#isProbing || performance.now() < this.#openUntil) return false;
    this.#isProbing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pause = shortest;
    this.#isProbing = false;
  }

  failed(): void {
    this.#failures++;
    if (this.#failures < threshold) return;
    if (this.#isProbing) this.#pause = Math.min(longest, this.#pause * 2);
    this.#isProbing = false;
    this.#openUntil = performance.now() + this.#pause;
  }

  /** The call was given up before anybody could tell. */
  unknown(): void {
    this.#isProbing = false;
  }
}
