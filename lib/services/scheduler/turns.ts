import type { SchedulerClock } from '../../api/scheduler-clock.js';

/** What is not asked for comes no more often than this, in ms. */
const shortest = 100;

/** Does work in turns, one at a time: when the last turn says that the next one is due, or when somebody asks. */
export class Turns {
  readonly #clock: SchedulerClock;
  readonly #work: () => Promise<number>;
  #cancel: () => void = () => {};
  #due = Infinity;
  #last = -Infinity;
  #state: 'closed' | 'open' | 'ended' = 'closed';
  #isAsked = false;
  #turn: Promise<void> | undefined;

  /** `work` gives when, by `clock.elapsed()`, the next turn is due. It never rejects. */
  constructor(clock: SchedulerClock, work: () => Promise<number>) {
    this.#clock = clock;
    this.#work = work;
  }

  /** From now on there are turns. */
  open(): void {
    if (this.#state !== 'closed') return;
    this.#state = 'open';
    this.wake();
  }

  /** Ends with the turn that is being done; there are no others. */
  async close(): Promise<void> {
    this.#state = 'ended';
    this.#cancel();
    await this.#turn;
  }

  /** Takes a turn now, or after the one that is being done. */
  wake(): void {
    if (this.#state !== 'open') return;
    if (this.#turn) this.#isAsked = true;
    else this.#begin();
  }

  /** Takes a turn by that time, unless one comes before. */
  by(time: number): void {
    if (this.#state !== 'open' || this.#turn || time >= this.#due) {
      this.#due = Math.min(this.#due, time);
      return;
    }
    this.#due = time;
    this.#cancel();
    if (time === Infinity) return;
    const wait = Math.max(time, this.#last + shortest) - this.#clock.elapsed();
    // A clock that is moved by hand is waited for by nobody.
    if (this.#clock.isManual && wait <= 0) this.#begin();
    else this.#cancel = this.#clock.after(Math.max(0, wait), () => this.#begin());
  }

  #begin(): void {
    if (this.#turn || this.#state !== 'open') return;
    this.#cancel();
    this.#due = Infinity;
    this.#turn = Promise.resolve().then(() => this.#take());
    this.#clock.during(this.#turn);
  }

  async #take(): Promise<void> {
    let next: number;
    do {
      this.#isAsked = false;
      this.#last = this.#clock.isManual ? -Infinity : this.#clock.elapsed();
      next = await this.#work();
    } while (this.#isAsked && this.#state === 'open');
    this.#turn = undefined;
    // Somebody may have asked for an earlier one meanwhile.
    const due = Math.min(next, this.#due);
    this.#due = Infinity;
    this.by(due);
  }
}
