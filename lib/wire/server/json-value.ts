/** Whether `JSON.stringify` leaves it out. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

/** What `JSON.stringify` sees in a value that `key` holds: after `toJSON()`, unboxed, and `null` for what is no number. */
export function jsonValueOf(given: unknown, key: string | number): unknown {
  if (typeof given === 'number') return Number.isFinite(given) ? given : null;
  if (typeof given !== 'object' || given === null) return given;
  const { toJSON } = given as { toJSON?: unknown };
  const value: unknown = typeof toJSON === 'function' ? toJSON.call(given, String(key)) : given;
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return jsonValueOf(value.valueOf(), key);
  return typeof value === 'number' ? jsonValueOf(value, key) : value;
}

/** The properties that `JSON.stringify` would write, to be read by their names. */
export function ownValues(value: object): Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return value as Record<string, unknown>;
  return { ...value };
}
