import { isDate, isNativeError, isRegExp } from 'node:util/types';
import { isCredentialField, isCredentialHeader } from './credential-patterns.js';
import type { Redactor } from './redactor.js';
import { hidden } from './secret-finder.js';
import { fit } from './text-budget.js';

const deepest = 12;
const longestName = 256;
const longestStack = 16 * 1024;

/** Of an error, in the order of what matters most. */
const errorFields = new Set(['name', 'message', 'code', 'stack', 'cause', 'errors']);
const none: ReadonlySet<string> = new Set();

interface EntriesOptions {
  readonly depth?: number;
  readonly ownFields?: ReadonlySet<string>;
  readonly skip?: ReadonlySet<string>;
}

/**
 * Copies whatever somebody logs into plain JSON data: within a budget of bytes, without secrets, and without anything
 * that could throw later. One copy serves one line.
 *
 * Where the budget ends, a marker says how much was left out.
 */
export class PlainCopy {
  readonly #redactor: Redactor;
  readonly #open = new Set<object>();
  #left: number;

  constructor(budget: number, redactor: Redactor) {
    this.#left = budget;
    this.#redactor = redactor;
  }

  get left(): number {
    return this.#left;
  }

  /** `value` as text, at most `limit` bytes long. */
  text(value: string, limit = this.#left): string {
    return this.#cut(value, limit, text => this.#redactor.hide(text));
  }

  value(value: unknown, depth = 0): unknown {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
      case 'bigint':
        return this.#number(value);
      case 'boolean':
        this.#left -= 5;
        return value;
      case 'undefined':
        return undefined;
      case 'symbol':
        return this.text(String(value));
      default:
        return value === null ? this.#null() : this.#guarded(value as object, depth);
    }
  }

  /**
   * The fields of `source` one after the other, without those that are absent or too many. Values of `ownFields` are
   * names themselves.
   */
  *entries(
    source: object,
    { depth = 0, ownFields = none, skip = none }: EntriesOptions = {},
  ): Generator<[name: string, value: unknown]> {
    const names = Object.keys(source).filter(name => !skip.has(name));
    for (const [index, name] of names.entries()) {
      if (this.#left <= 0) {
        yield ['…', `${names.length - index} more fields`];
        return;
      }
      this.#left -= 4;
      const value = this.#read(source, name);
      if (value === undefined) continue;
      const key = this.#name(name, longestName);
      if (conceals(name, value)) yield [key, this.text(hidden)];
      else if (typeof value === 'string' && ownFields.has(name)) yield [key, this.#name(value)];
      else yield [key, this.value(value, depth)];
    }
  }

  /** Never throws, whatever traps and getters `object` has. */
  #guarded(object: object, depth: number): unknown {
    if (this.#open.has(object)) return this.text('[Circular]');
    if (depth > deepest) return this.text('[…]');
    this.#open.add(object);
    this.#left -= 2;
    try {
      return this.#object(object, depth + 1);
    } catch (error) {
      return this.#unreadable(error);
    } finally {
      this.#open.delete(object);
    }
  }

  #object(object: object, depth: number): unknown {
    if (typeof object === 'function') return this.text(`[Function: ${object.name}]`);
    if (isNativeError(object) || object instanceof Error) return this.#error(object, depth);
    if (ArrayBuffer.isView(object)) return this.text(`[${object.constructor.name}, ${object.byteLength} bytes]`);
    if (Array.isArray(object)) return this.#array(object, object.length, depth);
    if (object instanceof Map || object instanceof Set) return this.#array(object, object.size, depth);
    if (isRegExp(object)) return this.text(String(object));
    if (isDate(object)) return this.text(Number.isNaN(object.getTime()) ? 'Invalid Date' : object.toISOString());
    if ('toJSON' in object && typeof object.toJSON === 'function') {
      const json: unknown = object.toJSON('');
      if (json !== object) return this.value(json, depth);
    }
    return this.#record(object, depth);
  }

  #record(object: object, depth: number): Record<string, unknown> {
    const record = emptyRecord();
    for (const [name, value] of this.entries(object, { depth })) record[name] = value;
    return record;
  }

  #array(items: Iterable<unknown>, length: number, depth: number): unknown[] {
    const array: unknown[] = [];
    let header = false;
    for (const item of items) {
      if (this.#left <= 0) {
        array.push(`… ${length - array.length} more`);
        break;
      }
      this.#left -= 1;
      // In Node's rawHeaders, and in the entries of a map, the value follows its name.
      array.push(header && typeof item === 'string' ? this.text(hidden) : (this.value(item, depth) ?? this.#null()));
      header = typeof item === 'string' && (length === 2 ? isCredentialField(item) : isCredentialHeader(item));
    }
    return array;
  }

  #error(error: object, depth: number): Record<string, unknown> {
    const record = emptyRecord();
    for (const name of errorFields) {
      const value = this.#read(error, name);
      if (value === undefined) continue;
      this.#left -= name.length + 4;
      const limit = name === 'stack' ? Math.min(this.#left, longestStack) : this.#left;
      record[name] = typeof value === 'string' ? this.text(value, limit) : this.value(value, depth);
    }
    for (const [name, value] of this.entries(error, { depth, skip: errorFields })) {
      // What a failed query was given is data, and often personal.
      record[name] = name === 'parameters' && 'query' in error ? hidden : value;
    }
    return record;
  }

  #read(object: object, name: string): unknown {
    try {
      return (object as Record<string, unknown>)[name];
    } catch (error) {
      return this.#unreadable(error);
    }
  }

  #unreadable(error: unknown): string {
    try {
      return this.text(`[unreadable: ${error instanceof Error ? error.message : String(error)}]`);
    } catch {
      return '[unreadable]';
    }
  }

  #number(value: number | bigint): unknown {
    // A longer one would take seconds to write down.
    if (typeof value === 'bigint' && BigInt.asIntN(4096, value) !== value) return this.text('[a number beyond 2^4095]');
    const text = String(value);
    this.#left -= text.length;
    if (this.#redactor.hideInName(text) !== text) return hidden;
    return typeof value === 'number' && Number.isFinite(value) ? value : text;
  }

  #null(): null {
    this.#left -= 4;
    return null;
  }

  #name(value: string, limit = this.#left): string {
    return this.#cut(value, limit, text => this.#redactor.hideInName(text));
  }

  #cut(value: string, limit: number, redact: (text: string) => string): string {
    const budget = Math.max(0, Math.min(limit, this.#left));
    // Redacted before it is cut, or the first half of a secret would remain.
    const clean = redact(value.length > budget ? value.slice(0, budget + this.#redactor.reach) : value);
    const { length, bytes } = fit(clean, budget);
    this.#left -= bytes + 2;
    if (length === clean.length && value.length <= budget + this.#redactor.reach) return clean;
    return `${clean.slice(0, length)}… ${value.length - length} more characters`;
  }
}

function conceals(name: string, value: unknown): boolean {
  return isCredentialField(name) && value !== null && typeof value !== 'boolean';
}

/** Without a prototype, so that a field named `__proto__` is a field like any other. */
function emptyRecord(): Record<string, unknown> {
  const record: Record<string, unknown> = Object.create(null);
  return record;
}
