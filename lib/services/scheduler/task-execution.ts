import type { TaskFunction, TaskRun, TaskRunRecord } from '../../api/scheduler-service.js';
import type { SchedulerClock } from '../../api/scheduler-clock.js';

type Outcome = NonNullable<TaskRunRecord['outcome']>;
/** Why a run is told to end. */
export type Interruption = Exclude<Outcome, 'completed' | 'failed'>;

export interface ExecutionOptions {
  readonly id: string;
  readonly run: TaskRun;
  readonly work: TaskFunction;
  /** In ms. */
  readonly timeout: number;
  readonly clock: SchedulerClock;
  /** Until when it may go on, as `clock.elapsed()` tells it; `Infinity` without a lease. */
  readonly deadline: number;
  /** How long it is waited for after it was told to end: so many ms, or until so many before its lease ends. */
  readonly lease: number;
  readonly margin: number;
  /** Begins the work: on whose account, and in which span. */
  readonly around: (work: () => unknown) => Promise<unknown>;
}

export interface Ending {
  readonly outcome: Outcome;
  readonly error?: unknown;
  /** In ms. */
  readonly duration: number;
  /** Whether the work goes on all the same: its lease, or the patience with it, has ended. */
  readonly isGivenUp: boolean;
}

/** One run of a task from its begin until it has ended, or nobody waits for it any more. Never rejects. */
export class TaskExecution {
  readonly id: string;
  readonly run: TaskRun;
  readonly ended: Promise<Ending>;
  readonly #options: ExecutionOptions;
  readonly #controller = new AbortController();
  readonly #begun: number;
  #deadline: number;
  #interruption: Interruption | undefined;
  #end: (ending: Ending) => void = () => {};
  #stopTimer: () => void = () => {};
  #stopTimeout: () => void = () => {};
  #hasEnded = false;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.id = options.id;
    this.run = options.run;
    this.#deadline = options.deadline;
    this.#begun = options.clock.elapsed();
    this.ended = new Promise(resolve => (this.#end = resolve));
    this.#tellAtOnce();
  }

  /** What was done to end it; `undefined` while it may go on. */
  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get deadline(): number {
    return this.#deadline;
  }

  begin(): void {
    const { clock, timeout, work, run, around } = this.#options;
    this.#stopTimeout = clock.after(timeout, () => this.interrupt('timed-out'));
    this.#watch();
    const signal = this.#controller.signal;
    around(() => work(signal, run)).then(
      () => this.#settle(undefined),
      (error: unknown) => this.#settle({ error }),
    );
  }

  /** Looks whether the lease has ended, though nobody has said so yet. */
  check(): void {
    this.#lapse();
  }

  /** The lease was given its full time again. */
  extend(deadline: number): void {
    if (this.#interruption !== undefined) return;
    this.#deadline = deadline;
    this.#watch();
  }

  /** Aborts the signal; does nothing where that has been done. */
  interrupt(why: Interruption): void {
    if (this.#interruption !== undefined || this.#hasEnded) return;
    this.#interruption = why;
    this.#stopTimeout();
    const { clock, lease, margin, id } = this.#options;
    // What is to be said of the run has to be said before somebody else may begin it.
    this.#deadline = this.#deadline === Infinity ? clock.elapsed() + lease : this.#deadline - margin;
    if (why === 'lease-lost') this.#finish(true);
    else this.#watch();
    this.#controller.abort(new DOMException(`Task '${id}' is to end: ${reasons[why]}`, 'AbortError'));
  }

  /** At the end of the lease the run is over, whether it knows or not. */
  #watch(): void {
    const { clock } = this.#options;
    this.#stopTimer();
    if (this.#deadline === Infinity || this.#hasEnded) return;
    this.#stopTimer = clock.after(this.#deadline - clock.elapsed(), () => this.#lapse());
  }

  #lapse(): void {
    if (this.#hasEnded || this.#options.clock.elapsed() < this.#deadline) return;
    if (this.#interruption === undefined) this.interrupt('lease-lost');
    else this.#finish(true);
  }

  /**
   * Whoever asks the signal is told the truth also when the process has stood still, and the timer that says so is not yet
   * due among all that are.
   */
  #tellAtOnce(): void {
    const { signal } = this.#controller;
    const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')!.get!.bind(
      signal,
    ) as () => boolean;
    const lapse = (): void => this.#lapse();
    Object.defineProperties(signal, {
      aborted: { configurable: true, get: () => (lapse(), isAborted()) },
      throwIfAborted: {
        configurable: true,
        value: () => (lapse(), AbortSignal.prototype.throwIfAborted.call(signal)),
      },
    });
  }

  #settle(failure: { readonly error: unknown } | undefined): void {
    this.#lapse();
    if (!this.#hasEnded) this.#finish(false, failure);
  }

  #finish(isGivenUp: boolean, failure?: { readonly error: unknown }): void {
    this.#hasEnded = true;
    this.#stopTimer();
    this.#stopTimeout();
    const duration = this.#options.clock.elapsed() - this.#begun;
    const outcome = this.#interruption ?? (failure ? 'failed' : 'completed');
    this.#end({ outcome, duration, isGivenUp, ...(failure && this.#interruption === undefined && failure) });
  }
}

const reasons: Readonly<Record<Interruption, string>> = {
  'timed-out': 'it has taken too long',
  'lease-lost': 'its lease has ended, and another run may go on in its place',
  cancelled: 'somebody has cancelled it',
  stopped: 'its plugin stops',
};
