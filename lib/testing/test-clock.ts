import { Inject } from '../../decorators/inject.js';
import { Service } from '../../decorators/service.js';
import type { Duration } from '../api/duration.js';
import { SchedulerClock } from '../api/scheduler-clock.js';
import { parseDuration } from '../util/duration.js';
import { pause } from '../util/pause.js';
import { inspect } from 'node:util';
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

/** How long a run is waited for that does not end by itself, in ms of the real clock; it may wait for this one. */
const patience = 500;

/**
 * A clock for the tasks of a backend that stands still until a test moves it. It begins at the given time, by default the
 * first of January 2030, UTC.
 *
 * @example
 * await backend.clock.advance('5m');
 */
export class TestClock extends SchedulerClock {
  readonly #begin: number;
  #elapsed = 0;
  readonly #timers = new Set<Timer>();
  readonly #going = new Set<Promise<unknown>>();

  constructor(begin: Date | number = Date.UTC(2030, 0, 1)) {
    super();
    this.#begin = Number(begin);
  }

  override get isManual(): boolean {
    return true;
  }

  override now(): number {
    return this.#begin + this.#elapsed;
  }

  override elapsed(): number {
    return this.#elapsed;
  }

  override after(ms: number, work: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, ms), work };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  override during(work: Promise<unknown>): void {
    const settled = work.then(
      () => {},
      () => {},
    );
    this.#going.add(settled);
    void settled.then(() => this.#going.delete(settled));
  }

  /**
   * Lets so much time pass: every task that is due on the way runs at its time, and has ended before time goes on, unless
   * it takes longer than half a second. Throws a `TypeError` for what is no duration.
   */
  async advance(time: Duration): Promise<void> {
    const ms = parseDuration(time);
    if (ms === undefined)
      throw new TypeError(`advance() takes a duration such as '5m' or { hours: 1 }, not ${inspect(time)}`);
    const end = this.#elapsed + ms;
    for (await this.settle(); ; await this.settle()) {
      const next = this.#next(end);
      if (!next) break;
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.work();
    }
    this.#elapsed = end;
  }

  /** Ends when nothing goes on that does not wait for this clock. */
  async settle(): Promise<void> {
    // What somebody has just been told has its time to show.
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    using late = pausing(patience);
    while (this.#going.size > 0) {
      const before = [...this.#going];
      const isLate = await Promise.race([Promise.allSettled(before).then(() => false), late.then(() => true)]);
      // It is not waited for again.
      if (isLate) for (const work of before) this.#going.delete(work);
    }
  }

  /** The first timer that is due by then, of several at one time the one that was asked for first. */
  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && timer.at < (first?.at ?? Infinity)) first = timer;
    return first;
  }
}

/** The clock of a `TestBackend`. */
@Service({ wraps: SchedulerClock })
export class BackendTestClock extends TestClock {
  constructor(@Inject(SchedulerClock) _real: SchedulerClock) {
    super();
  }
}

function pausing(ms: number): Promise<void> & Disposable {
  const done = new AbortController();
  return Object.assign(pause(ms, done.signal), { [Symbol.dispose]: () => done.abort() });
}
