/**
 * How long something belongs to one member, as a delivery: until the lease is over, counted from when the server was last
 * asked for it, so that whoever holds it knows before anybody else can have it. Time in which the process was stopped counts.
 */
export class Lease {
  readonly #duration: number;
  readonly #lost = new AbortController();
  #end: number;
  #timer: NodeJS.Timeout | undefined;

  /** `since` is a time of `performance.now()`. */
  constructor(duration: number, since: number) {
    this.#duration = duration;
    this.#end = since + duration;
    this.#wait();
  }

  /** Aborts as soon as another member may have it. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether another member may have it by now; known before the signal aborts where the process was stopped. */
  get isOver(): boolean {
    return this.lost.aborted || performance.now() >= this.#end;
  }

  /** The server has agreed to what it was asked for then. What is lost stays lost. */
  renew(since: number): void {
    this.#end = Math.max(this.#end, since + this.#duration);
  }

  /** Another member has it. */
  lose(): void {
    this.release();
    this.#lost.abort();
  }

  /** Nobody needs it any more. */
  release(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const left = this.#end - performance.now();
    if (left <= 0) this.lose();
    else this.#timer = setTimeout(() => this.#wait(), left).unref();
  }
}
