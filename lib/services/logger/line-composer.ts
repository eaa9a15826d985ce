import { isNativeError } from 'node:util/types';
import { PlainCopy } from './plain-copy.js';
import type { Redactor } from './redactor.js';

/** The fields of a line, as plain JSON data. */
export type LineFields = Readonly<Record<string, unknown>>;

/** What a logger adds to each of its lines. */
export interface Bindings {
  readonly fields: LineFields;
  /** Bytes the fields take in a line. */
  readonly size: number;
  /** Of the redactor that made them. */
  readonly version: number;
}

/** Of a whole line, in bytes. Log collectors split or drop longer ones. */
export const longestLine = 64 * 1024;

/** For level, time, punctuation and the markers of what was left out. */
const overhead = 2 * 1024;
const longestBindings = 16 * 1024;
const longestMessage = 32 * 1024;

/** What the line says by itself; a field of that name would forge it. */
const reserved = new Set(['level', 'time', 'message']);

export const noBindings: Bindings = { fields: emptyFields(), size: 0, version: 0 };

/** Makes of whatever is logged the message and the fields of a line. Nothing makes it throw. */
export class LineComposer {
  readonly #redactor: Redactor;
  readonly #ownFields: ReadonlySet<string>;

  /** `ownFields` are those whose values the framework and the operator choose. */
  constructor(redactor: Redactor, ownFields: Iterable<string>) {
    this.#redactor = redactor;
    this.#ownFields = new Set(ownFields);
  }

  /** `parent` and what `meta` adds to it. */
  bind(parent: Bindings, meta: unknown): Bindings {
    const copy = new PlainCopy(longestBindings - parent.size, this.#redactor);
    const fields = Object.assign(emptyFields(), parent.fields);
    this.#addFields(fields, meta, copy);
    return { fields, size: Math.min(longestBindings, longestBindings - copy.left), version: this.#redactor.version };
  }

  /** The same bindings, without the secrets that became known since they were made. */
  renew(bindings: Bindings): Bindings {
    return bindings.version === this.#redactor.version ? bindings : this.bind(noBindings, bindings.fields);
  }

  compose(bindings: Bindings, message: unknown, meta: unknown): { readonly text: string; readonly fields: LineFields } {
    const copy = new PlainCopy(longestLine - overhead - bindings.size, this.#redactor);
    const text = messageText(message, copy);
    const rest = meta === undefined && isError(message) ? message : meta;
    if (rest === undefined) return { text, fields: bindings.fields };
    const fields = Object.assign(emptyFields(), bindings.fields);
    this.#addFields(fields, rest, copy);
    return { text, fields };
  }

  #addFields(fields: Record<string, unknown>, meta: unknown, copy: PlainCopy): void {
    try {
      if (meta === undefined || meta === null) return;
      if (typeof meta !== 'object' || Array.isArray(meta)) {
        fields['meta'] = copy.value(meta);
      } else if (isError(meta)) {
        fields['error'] = copy.value(meta);
      } else {
        for (const [name, value] of copy.entries(meta, { ownFields: this.#ownFields }))
          fields[freeName(name, fields)] = value;
      }
    } catch {
      // A Proxy that does not even tell what it is, or its keys.
      fields['meta'] = '[unreadable]';
    }
  }
}

/** Who writes a line is said once, by the first logger of the line: `plugin` cannot be replaced. */
function freeName(name: string, fields: LineFields): string {
  return reserved.has(name) || (name === 'plugin' && name in fields) ? `${name}_` : name;
}

function messageText(message: unknown, copy: PlainCopy): string {
  if (typeof message === 'string') return copy.text(message, longestMessage);
  if (message === undefined) return '';
  const plain = copy.value(message);
  if (typeof plain === 'string') return plain;
  if (isError(message) && typeof plain === 'object' && plain && 'message' in plain) return String(plain.message);
  return JSON.stringify(plain);
}

/** Of this realm or of another; `false` for a Proxy that refuses to say. */
function isError(value: unknown): boolean {
  try {
    return isNativeError(value) || value instanceof Error;
  } catch {
    return false;
  }
}

function emptyFields(): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  return fields;
}
