import { isObject } from './is-object.js';

const units: Record<string, number> = {
  ms: 1,
  millisecond: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

const iso = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * The milliseconds that `value` says: `30s`, `2 days`, ISO 8601 without months and years (`PT5M`), a number of ms, or
 * `{ minutes: 5 }`. `undefined` for anything else, negative durations and plain numeric strings among them.
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value === 'string') return parseText(value.trim());
  if (!isObject(value)) return undefined;
  let total = 0;
  for (const [unit, amount] of Object.entries(value)) {
    const factor = unit.endsWith('s') ? units[unit.slice(0, -1)] : undefined;
    if (factor === undefined || unit.length < 4 || typeof amount !== 'number' || !(amount >= 0)) return undefined;
    total += factor * amount;
  }
  return Object.keys(value).length > 0 ? total : undefined;
}

function parseText(text: string): number | undefined {
  const simple = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text);
  if (simple) {
    const unit = simple[2]!.toLowerCase();
    const factor = units[unit] ?? (unit.length > 3 && unit.endsWith('s') ? units[unit.slice(0, -1)] : undefined);
    return factor === undefined ? undefined : Number(simple[1]) * factor;
  }
  const parts = iso.exec(text);
  if (!parts || text === 'P' || text.endsWith('T')) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(part => Number(part ?? 0));
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
