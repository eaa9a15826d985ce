import type { TaskFrequency } from '../../api/scheduler-service.js';
import type { Problem } from '../../errors/problem.js';
import { parseDuration } from '../../util/duration.js';
import { unknownOptions } from '../../util/unknown-option.js';
import { CronTimes } from './cron.js';
import { ZoneClock } from './zone-clock.js';

/** The options of a task that can be kept; times are in ms. */
export interface SoundTask {
  readonly id: string;
  readonly frequency: TaskFrequency;
  /** Tells whether two instances mean the same times. */
  readonly schedule: string;
  readonly scope: 'global' | 'local';
  readonly timeout: number;
  readonly catchUp: 'one' | 'none';
  /** How long after the plugin is ready. */
  readonly initialDelay: number;
  /** When the first run is due, of a task that nobody has run; `undefined`: when it is triggered. */
  first(now: number): number | undefined;
  /** When the run is due that follows one which was due, and was begun, at these times. */
  next(dueAt: number, startedAt: number): number | undefined;
}

/** What is wrong with a task, and what to do. */
export type TaskFault = Omit<Problem, 'path'>;

const known = ['id', 'every', 'cron', 'timeZone', 'manual', 'scope', 'timeout', 'initialDelay', 'catchUp'];
const idForm = /^[a-z0-9]+(?:[._:-][a-z0-9]+)*$/;
/** Of a second, since nothing shorter needs somebody who keeps a schedule. */
const shortest = 100;
const longest = 10 * 366 * 86_400_000;

/** The options as they are kept, or everything that is wrong with them. */
export function soundTask(options: unknown): SoundTask | readonly TaskFault[] {
  const given = (typeof options === 'object' && options !== null ? options : {}) as Record<string, unknown>;
  const { id, scope = 'global', catchUp = 'one' } = given;
  const faults: TaskFault[] = [];
  const name = typeof id === 'string' ? `Task '${id}'` : 'A task';
  const fault = (what: string, fix: string): void =>
    void faults.push({ code: 'INVALID_TASK', message: `${name} ${what}`, fix });
  const time = (key: string, usual: number, least: number): number => {
    const value = given[key] === undefined ? usual : parseDuration(given[key]);
    if (value !== undefined && value >= least && value <= longest) return value;
    const what =
      value === undefined
        ? 'is no duration'
        : value < least
          ? `is shorter than ${least} ms`
          : 'is longer than ten years';
    fault(
      `has '${key}': ${quoted(given[key])}, which ${what}`,
      `write a number of ms, '30s', '2 days', 'PT5M' or { minutes: 5 }.`,
    );
    return usual;
  };

  if (typeof id !== 'string') fault('has no id', `write { id: 'refresh', … }, which names it within its plugin.`);
  else if (!idForm.test(id) || id.length > 128) {
    fault(
      'has an id that is none',
      `write small letters and digits, with single . _ : - between them, as 'refresh-all'.`,
    );
  }
  if (scope !== 'global' && scope !== 'local') {
    fault(`has scope ${quoted(scope)}`, `write 'global', or 'local' where each instance is to run it.`);
  }
  if (catchUp !== 'one' && catchUp !== 'none') fault(`has catchUp ${quoted(catchUp)}`, `write 'one' or 'none'.`);
  for (const { option, fix } of unknownOptions(given, known)) {
    fault(`has an option '${option}', which means nothing`, fix);
  }
  const timeout = time('timeout', 3_600_000, 1);
  const delay = time('initialDelay', 0, 0);
  const times = timesOf(given, { fault, time });
  if (faults.length > 0 || !times) return faults;

  const { frequency, first, next } = times;
  return {
    id: id as string,
    scope: scope as 'global',
    catchUp: catchUp as 'one',
    timeout,
    initialDelay: delay,
    frequency,
    schedule: JSON.stringify(frequency),
    first: now => first(now + delay),
    next,
  };
}

interface Times {
  readonly frequency: TaskFrequency;
  readonly first: (from: number) => number | undefined;
  readonly next: (dueAt: number, startedAt: number) => number | undefined;
}

interface Reading {
  readonly fault: (what: string, fix: string) => void;
  readonly time: (key: string, usual: number, least: number) => number;
}

function timesOf(given: Record<string, unknown>, reading: Reading): Times | undefined {
  const named = ['every', 'cron', 'manual'].filter(key => given[key] !== undefined);
  if (named.length !== 1) {
    const what =
      named.length === 0
        ? 'does not say when it runs'
        : `says in ${named.length} ways when it runs: ${named.join(', ')}`;
    reading.fault(what, `write one of { every: '5m' }, { cron: '0 3 * * *' } and { manual: true }.`);
    return undefined;
  }
  if (given['timeZone'] !== undefined && named[0] !== 'cron') {
    reading.fault(`has a time zone, but no cron`, `leave 'timeZone' out.`);
  }
  if (named[0] === 'cron') return cronTimes(given, reading);
  if (named[0] === 'every') {
    const every = reading.time('every', shortest, shortest);
    const next = (dueAt: number, startedAt: number): number => (dueAt + every > startedAt ? dueAt : startedAt) + every;
    return { frequency: Object.freeze({ every }), first: from => from, next };
  }
  if (given['manual'] !== true) reading.fault(`has manual: ${quoted(given['manual'])}`, 'write { manual: true }.');
  return { frequency: Object.freeze({ manual: true }), first: () => undefined, next: () => undefined };
}

function cronTimes({ cron, timeZone = 'UTC' }: Record<string, unknown>, { fault }: Reading): Times | undefined {
  if (!isTimeZone(timeZone)) {
    fault(`has time zone ${quoted(timeZone)}, which nobody knows`, `write an IANA name, as 'Europe/Berlin'.`);
    return undefined;
  }
  const meant = typeof cron === 'string' ? nicknames.get(cron.trim().toLowerCase()) : undefined;
  const fix = meant
    ? `write '${meant}', which says the same.`
    : `write five fields, or six with seconds first, as '*/10 * * * *' or '0 30 3 * * mon'.`;
  try {
    if (typeof cron !== 'string') throw new TypeError('it is no text');
    if (cron.length > 500) throw new TypeError('it is longer than 500 characters');
    const times = new CronTimes(cron, timeZone);
    if (times.next(Date.now()) === undefined) throw new TypeError('that never comes');
    const next = (dueAt: number, startedAt: number): number | undefined => times.next(Math.max(dueAt, startedAt));
    return { frequency: Object.freeze({ cron, timeZone }), first: from => times.next(from), next };
  } catch (error) {
    const why = (error as Error).message.replace(/^CronPattern: /, '').replace(/\.$/, '');
    fault(`has cron ${quoted(cron)}, which is none: ${why}`, fix);
    return undefined;
  }
}

/** What some programs read besides fields, and what it says. */
const nicknames = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** Zones that are offsets are known to newer versions of Node only. */
function isTimeZone(timeZone: unknown): timeZone is string {
  if (typeof timeZone !== 'string' || !/^[a-z]/i.test(timeZone)) return false;
  try {
    return new ZoneClock(timeZone) instanceof ZoneClock;
  } catch {
    return false;
  }
}

function quoted(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return (typeof value === 'function' ? undefined : JSON.stringify(value)) ?? typeof value;
}

export function isSound(task: SoundTask | readonly TaskFault[]): task is SoundTask {
  return !Array.isArray(task);
}

/** What the plan finds wrong with the options of `@Scheduled`. */
export function taskFaults(options: unknown): readonly TaskFault[] {
  const task = soundTask(options);
  return isSound(task) ? [] : task;
}
