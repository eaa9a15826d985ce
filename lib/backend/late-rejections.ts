import { type Account, currentAccount } from '../api/attribution.js';

/** How long a rejection may go without a handler, in ms. */
const patience = 10;

/**
 * Rejections that nobody has handled yet: one that is handled within a turn of the event loop was only late, and is no
 * error.
 */
export class LateRejections {
  readonly #waiting = new Map<Promise<unknown>, NodeJS.Timeout>();
  readonly #onError: (error: unknown, account: Account | undefined) => void;

  constructor(onError: (error: unknown, account: Account | undefined) => void) {
    this.#onError = onError;
  }

  /** Listens to `unhandledRejection`. */
  readonly add = (error: unknown, promise: Promise<unknown>): void => {
    const account = currentAccount();
    // A busy process may come to this timer before it has had its turn; the immediate comes after that.
    const charge = () =>
      setImmediate(() => {
        if (this.#waiting.delete(promise)) this.#onError(error, account);
      });
    this.#waiting.set(promise, setTimeout(charge, patience));
  };

  /** Listens to `rejectionHandled`. */
  readonly remove = (promise: Promise<unknown>): void => {
    clearTimeout(this.#waiting.get(promise));
    this.#waiting.delete(promise);
  };
}
