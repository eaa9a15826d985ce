const second = 1_000;
/** No clock is set back by more, in ms. */
const longestRepeat = 3 * 3_600_000;
/** No zone sets its clock twice within it, in ms. */
const step = 7 * 86_400_000;

/** When a clock was set, and how far it was ahead of UTC before and is after; in ms. */
export interface ClockChange {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** The clock of a time zone. Throws a `RangeError` where nobody knows that. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat | undefined;

  constructor(timeZone: string) {
    if (timeZone === 'UTC') return;
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', second: 'numeric', ...numeric });
  }

  /** How far it is ahead of UTC at a whole second, in ms. */
  offset(time: number): number {
    if (!this.#format) return 0;
    const parts = new Map(this.#format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const [year, month, day] = [parts.get('year')!, parts.get('month')!, parts.get('day')!];
    return Date.UTC(year, month - 1, day, parts.get('hour'), parts.get('minute'), parts.get('second')) - time;
  }

  /** The last change before, so close that what the clock showed then it may show again. */
  changeBefore(time: number): ClockChange | undefined {
    return this.#between(time - longestRepeat, time);
  }

  /** The first change after one time, until another. */
  changeAfter(time: number, until: number): ClockChange | undefined {
    if (!this.#format) return undefined;
    for (let from = time; from < until; from += step) {
      const change = this.#between(from, Math.min(from + step, until));
      if (change) return change;
    }
    return undefined;
  }

  #between(from: number, to: number): ClockChange | undefined {
    const [before, after] = [this.offset(from), this.offset(to)];
    if (before === after) return undefined;
    let [low, high] = [from, to];
    while (high - low > second) {
      const middle = low + Math.floor((high - low) / 2 / second) * second;
      if (this.offset(middle) === before) low = middle;
      else high = middle;
    }
    return { at: high, before, after };
  }
}
