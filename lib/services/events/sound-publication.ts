import type { PublishOptions } from '../../api/events-service.js';
import { invalidEvent } from './events-errors.js';

const longestKey = 512;
const longestName = 128;
/** What the framework says itself. */
const reserved: ReadonlySet<string> = new Set(['source', 'traceparent', 'tracestate']);

/** What goes with a payload, looked at: JavaScript may give anything. Throws `INVALID_EVENT`. */
export function soundPublication(
  topic: string,
  { key, metadata = {} }: PublishOptions,
): { readonly key?: string; readonly metadata: Readonly<Record<string, string>> } {
  if (key !== undefined && !isKey(key)) {
    const fix = `give a text of 1 to ${longestKey} characters without control characters.`;
    throw invalidEvent(topic, 'has a key that cannot be one', fix);
  }
  if (typeof metadata !== 'object' || metadata === null) {
    throw invalidEvent(topic, 'has metadata that is no object', 'give an object of texts.');
  }
  const entries = Object.entries(metadata).filter(([name]) => !reserved.has(name));
  const wrong = entries.find(([name, value]) => !isText(name, longestName) || typeof value !== 'string');
  if (wrong) throw invalidEvent(topic, `has metadata '${wrong[0]}' that is no text`, 'give an object of texts.');
  return { ...(key !== undefined && { key }), metadata: Object.fromEntries(entries) };
}

export function isKey(value: unknown): value is string {
  return isText(value, longestKey);
}

/** What every transport can carry as it is. */
function isText(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length <= longest && /^[^\p{Cc}\p{Cs}]+$/u.test(value);
}
