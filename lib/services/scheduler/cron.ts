import { Cron } from 'croner';

const hour = 3_600_000;
/** No clock is set back by more. */
const longestRepeat = 3 * hour;

/**
 * When a cron is due: five fields, or six with seconds first, by the clock of `timeZone`.
 *
 * A time that the clock skips in spring is due as much later as the clock is set forward. One that comes twice in autumn is due once, the
 * first time; where the field of hours is `*`, it is due as often as it comes, so that no hour is without. Throws a
 * `TypeError` that says what is wrong.
 */
export class CronTimes {
  readonly #cron: Cron;
  readonly #pattern: string;
  readonly #timeZone: string;
  readonly #isEveryHour: boolean;

  constructor(pattern: string, timeZone: string) {
    const fields = pattern.trim().split(/\s+/);
    if (fields.length !== 5 && fields.length !== 6) throw new TypeError(`it has ${fields.length} fields, not 5 or 6`);
    this.#pattern = fields.join(' ');
    this.#timeZone = timeZone;
    this.#isEveryHour = fields.at(-4) === '*' && timeZone !== 'UTC';
    this.#cron = cronOf(this.#pattern, { timezone: timeZone });
  }

  /** The first time after `time`, both in ms since 1970; `undefined` where there is none in the next hundred years. */
  next(time: number): number | undefined {
    const next = this.#cron.nextRun(new Date(time))?.getTime();
    return this.#isEveryHour ? (this.#nextOfRepeat(time, next) ?? next) : next;
  }

  /** In what comes a second time when the clock is set back, which `next` leaves out. */
  #nextOfRepeat(time: number, next = Infinity): number | undefined {
    const before = this.#offset(time - longestRepeat);
    const after = this.#offset(time + longestRepeat);
    if (after >= before) return undefined;
    const setBack = this.#offsetChange(time - longestRepeat, time + longestRepeat, before);
    const fixed = cronOf(this.#pattern, { utcOffset: after / 60_000 });
    // At the very moment the clock is set back its second time begins.
    const repeated = fixed.nextRun(new Date(Math.max(time, setBack - 1_000)))?.getTime();
    return repeated !== undefined && repeated < Math.min(next, setBack + before - after) ? repeated : undefined;
  }

  /** The first second after which the clock is no longer `offset` ahead. */
  #offsetChange(from: number, to: number, offset: number): number {
    let [low, high] = [Math.floor(from / 1_000), Math.ceil(to / 1_000)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offset(middle * 1_000) === offset) low = middle;
      else high = middle;
    }
    return high * 1_000;
  }

  /** How far the clock is ahead of UTC, in ms. */
  #offset(time: number): number {
    const whole = Math.floor(time / 1_000) * 1_000;
    const parts = clockOf(this.#timeZone).formatToParts(whole);
    const [year, month, day, hours, minutes, seconds] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(type =>
      Number(parts.find(part => part.type === type)!.value),
    ) as [number, number, number, number, number, number];
    return Date.UTC(year, month - 1, day, hours, minutes, seconds) - whole;
  }
}

export function isTimeZone(timeZone: unknown): timeZone is string {
  if (typeof timeZone !== 'string' || !/^[a-z]/i.test(timeZone)) return false;
  try {
    clockOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

function cronOf(pattern: string, clock: { readonly timezone: string } | { readonly utcOffset: number }): Cron {
  return new Cron(pattern, { ...clock, mode: '5-or-6-parts', paused: true });
}
