import { longestTimer } from '../../contract/timer.js';
import type { SentCall } from './transport.js';
import { deadlineExceeded } from './wire-errors.js';

/** How long a caller waits: until the deadline, or until it gives the call up. */
export class Patience {
  readonly #call: SentCall;
  readonly #onEnd: (error: unknown) => void;
  readonly #abort: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `onEnd` is called once, with what the call then fails with, unless `stop()` comes first. */
  constructor(call: SentCall, onEnd: (error: unknown) => void) {
    this.#call = call;
    this.#onEnd = onEnd;
    const { signal } = call;
    if (signal) {
      this.#abort = () => this.#end(signal.reason);
      signal.addEventListener('abort', this.#abort);
    }
    this.resume();
  }

  /** Lets the deadline pass: what flows may take its time once somebody reads it. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Counts the deadline again. */
  resume(): void {
    if (this.#isOver || this.#timer) return;
    const { deadline, operation } = this.#call;
    const left = Math.min(Math.max(0, deadline - Date.now()), longestTimer);
    this.#timer = setTimeout(() => this.#end(deadlineExceeded(operation)), left);
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.pause();
    if (this.#abort) this.#call.signal!.removeEventListener('abort', this.#abort);
  }

  #end(error: unknown): void {
    if (this.#isOver) return;
    this.stop();
    this.#onEnd(error);
  }
}
