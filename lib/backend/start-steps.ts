import { startCancelled } from './backend-problems.js';

/** The steps of a start: once it is cancelled none is begun, and none is waited for any longer. */
export class StartSteps {
  readonly cancelled: Promise<void>;
  #cancel: () => void = () => {};
  #isCancelled = false;
  #reason: unknown;
  #current = 'nothing';

  constructor() {
    this.cancelled = new Promise(resolve => (this.#cancel = resolve));
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** What the start is at, or was at when it ended. */
  get current(): string {
    return this.#current;
  }

  /** `reason` is what steps then reject with. */
  cancel(reason: unknown = startCancelled()): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#reason = reason;
    this.#cancel();
  }

  /** Throws the reason of the cancelling where the step is not to be begun. */
  readonly begin = (step: string): void => {
    if (this.#isCancelled) throw this.#reason;
    this.#current = step;
  };

  /** What the step gives; rejects where it is cancelled before it is begun or while it goes on, which it then does on its own. */
  async run<T>(step: string, work: () => Promise<T>): Promise<T> {
    this.begin(step);
    const cancelled = this.cancelled.then(() => {
      throw this.#reason;
    });
    return Promise.race([work(), cancelled]);
  }
}
