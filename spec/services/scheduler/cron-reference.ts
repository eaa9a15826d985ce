/** What the fields mean, worked out from the text alone; of names only those that the table uses. */
interface Fields {
  readonly seconds: Set<number>;
  readonly minutes: Set<number>;
  readonly hours: Set<number>;
  readonly days: Set<number>;
  readonly months: Set<number>;
  readonly weekdays: Set<number>;
  readonly isAnyDay: boolean;
  readonly isAnyWeekday: boolean;
  readonly isAnyHour: boolean;
}

const names = 'sun mon tue wed thu fri sat'.split(' ');
const day = 86_400_000;
const clock = { dateStyle: 'short', timeStyle: 'medium' } as const;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The times of a cron after `from`, by another way than the framework's: for each local day that fits, each local time
 * that fits, and for that the instants at which the clock of the zone shows it.
 */
export function referenceTimes(cron: string, timeZone: string, from: string, count: number): string[] {
  const fields = fieldsOf(cron);
  const start = Date.parse(from);
  const found: number[] = [];
  for (let local = Math.floor(start / day) * day - day; found.length < count + 3; local += day) {
    if (local > start + 12 * 366 * day) break;
    if (!isDay(fields, new Date(local))) continue;
    const early = start + offsetAt(start, timeZone) - 3 * 3_600_000;
    for (const time of timesOf(fields, local)) {
      if (time < early || found.length > count + 10_000) continue;
      found.push(...instantsOf(time, timeZone, fields.isAnyHour).filter(instant => instant > start));
    }
  }
  const sorted = [...new Set(found)].toSorted((one, other) => one - other);
  return sorted.slice(0, count).map(time => new Date(time).toISOString());
}

/** A time that the clock skips is as much later; one that it shows twice counts once, or twice where any hour will do. */
function instantsOf(local: number, timeZone: string, isAnyHour: boolean): number[] {
  const offsets = [...new Set([-day, 0, day].map(around => offsetAt(local + around, timeZone)))];
  const shown = offsets
    .map(offset => local - offset)
    .filter(instant => instant + offsetAt(instant, timeZone) === local);
  if (shown.length === 0) return [local - offsetAt(local - day, timeZone)];
  return isAnyHour ? shown : [Math.min(...shown)];
}

function offsetAt(instant: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) formats.set(timeZone, (format = new Intl.DateTimeFormat('sv-SE', { timeZone, ...clock })));
  const text = format.format(instant);
  return Date.parse(`${text.replace(' ', 'T')}Z`) - instant;
}

function isDay({ days, months, weekdays, isAnyDay, isAnyWeekday }: Fields, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const byDay = days.has(date.getUTCDate());
  const byWeekday = weekdays.has(date.getUTCDay());
  // As ever: where both are restricted, either is enough.
  return isAnyDay || isAnyWeekday ? byDay && byWeekday : byDay || byWeekday;
}

function timesOf({ seconds, minutes, hours }: Fields, local: number): number[] {
  return [...hours].flatMap(hour =>
    [...minutes].flatMap(minute => [...seconds].map(second => local + ((hour * 60 + minute) * 60 + second) * 1_000)),
  );
}

function fieldsOf(cron: string): Fields {
  const texts = cron.split(' ');
  const [second, minute, hour, dayOfMonth, month, weekday] = texts.length === 5 ? ['0', ...texts] : texts;
  return {
    seconds: setOf(second!, 0, 59),
    minutes: setOf(minute!, 0, 59),
    hours: setOf(hour!, 0, 23),
    days: setOf(dayOfMonth!, 1, 31),
    months: setOf(month!, 1, 12),
    weekdays: new Set([...setOf(weekday!, 0, 7)].map(number => number % 7)),
    isAnyDay: dayOfMonth === '*',
    isAnyWeekday: weekday === '*',
    isAnyHour: hour === '*',
  };
}

function setOf(text: string, least: number, most: number): Set<number> {
  const parts = text.split(',').flatMap(part => {
    const [range, step = '1'] = part.split('/');
    const [from, to = from] = range === '*' ? [least, most] : range!.split('-').map(numberOf);
    const all = Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
    return all.filter((_, index) => index % Number(step) === 0);
  });
  return new Set(parts);
}

function numberOf(text: string): number {
  return names.includes(text) ? names.indexOf(text) : Number(text);
}
