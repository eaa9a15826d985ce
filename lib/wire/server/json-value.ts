import { isBoxedPrimitive } from 'node:util/types';

/** Whether `JSON.stringify` leaves it out. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

/** What `JSON.stringify` sees in a value that `key` holds: after `toJSON()`, unboxed, and `null` for what is no number. */
export function jsonValueOf(given: unknown, key: string | number): unknown {
  if (typeof given === 'number') return Number.isFinite(given) ? given : null;
  if (typeof given !== 'object' || given === null) return isAbsent(given) ? undefined : given;
  const { toJSON } = given as { toJSON?: unknown };
  if (toJSON === undefined && isPlain(given)) return given;
  const value: unknown = typeof toJSON === 'function' ? toJSON.call(given, String(key)) : given;
  if (isBoxedPrimitive(value)) return jsonValueOf((value as object).valueOf(), key);
  return typeof value === 'object' ? value : jsonValueOf(value, key);
}

/** The JSON text of a value on its own; `undefined` of what has none. */
export function jsonText(value: unknown): string | undefined {
  return typeof value === 'string' ? jsonString(value) : JSON.stringify(value);
}

/** The same of one that `key` holds, which `toJSON()` is told. */
export function jsonMember(value: unknown, key: string | number): string | undefined {
  if (typeof value !== 'object' || value === null || !('toJSON' in value)) return jsonText(value);
  const text = JSON.stringify({ [key]: value });
  return text === '{}' ? undefined : text.slice(JSON.stringify(String(key)).length + 2, -1);
}

/** Most texts have nothing in them that has to be escaped, and are found to be so faster than JSON.stringify() copies them. */
export function jsonString(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

// oxlint-disable-next-line no-control-regex -- These are what has to be escaped.
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Whether it is what most objects are: properties of its own that are what they are, and nothing that says otherwise. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return (value as { toJSON?: unknown }).toJSON === undefined;
}

/** The properties that `JSON.stringify` would write, to be read by their names. */
export function ownValues(value: object): Readonly<Record<string, unknown>> {
  return isPlain(value) ? (value as Record<string, unknown>) : { ...value };
}

/** Without a prototype that would add properties which can be read and are not written. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || prototype === Array.prototype;
}
