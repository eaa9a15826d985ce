import { Cron } from 'croner';
import { ZoneClock } from './zone-clock.js';

const second = 1_000;

/**
 * When a cron is due: five fields, or six with seconds first, by the clock of `timeZone`.
 *
 * A time that the clock skips is due as much later as the clock is set forward. One that it shows twice is due once, the
 * first time; where the field of hours is `*` it is due both times, so that no hour is left out. Throws an error that says
 * what is wrong.
 */
export class CronTimes {
  /** Knows no zones: it counts on the clock, whatever time that is. */
  readonly #cron: Cron;
  readonly #clock: ZoneClock;
  readonly #isAnyHour: boolean;

  constructor(pattern: string, timeZone: string) {
    const fields = pattern.trim().split(/\s+/);
    if (fields.length === 1) throw new TypeError('it is one word, not five or six fields');
    if (fields.length !== 5 && fields.length !== 6) throw new TypeError(`it has ${fields.length} fields, not 5 or 6`);
    // To croner it is whatever time it is: another one in each instance.
    if (pattern.includes('?')) throw new TypeError(`'?' says nothing`);
    this.#isAnyHour = fields.at(-4) === '*';
    this.#cron = new Cron(fields.join(' '), { timezone: 'UTC', mode: '5-or-6-parts', paused: true });
    this.#clock = new ZoneClock(timeZone);
  }

  /** The first time after `time`, both in ms since 1970; `undefined` where there is none. */
  next(time: number): number | undefined {
    for (let from = Math.floor(time / second) * second + second; ;) {
      const next = this.#inOneOffset(from);
      if (next === undefined) return undefined;
      const change = this.#clock.changeAfter(from, next);
      if (!change) return next;
      from = change.at;
    }
  }

  /** The first time at or after `from`, as if the clock was never set again. */
  #inOneOffset(from: number): number | undefined {
    const offset = this.#clock.offset(from);
    const change = this.#clock.changeBefore(from);
    if (!change) return this.#shown(from, offset);
    const { at, before, after } = change;
    if (after < before) return this.#shown(this.#isAnyHour ? from : Math.max(from, at + before - after), offset);
    const regular = this.#shown(from, offset);
    const skipped = this.#shown(from, before);
    const isSkipped = skipped !== undefined && skipped + before < at + after;
    return isSkipped ? Math.min(skipped, regular ?? Infinity) : regular;
  }

  /** The first time at or after `from` that fits what a clock shows which is so far ahead. */
  #shown(from: number, offset: number): number | undefined {
    const shown = this.#cron.nextRun(new Date(from + offset - second));
    return shown ? shown.getTime() - offset : undefined;
  }
}
