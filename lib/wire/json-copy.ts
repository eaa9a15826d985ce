import type { JsonBody } from '../api/wire-service.js';

/** What is nested deeper, or could be longer as text, is left to JSON, which knows best what to do with it. */
const deepest = 32;
const longest = 65_536;

const notPlain = Symbol('not plain');

/** A surrogate: most texts have none, and those that have one are looked at by JSON. */
const surrogate = /[\ud800-\udfff]/;

/**
 * What JSON text of a value would carry, made without the text, for somebody who shall not share the value. That takes a
 * quarter of the time.
 */
export class JsonCopy implements JsonBody {
  readonly json: unknown;
  /** The text has at most as many bytes. */
  readonly size: number;

  private constructor(json: unknown, size: number) {
    this.json = json;
    this.size = size;
  }

  /**
   * `undefined` for all that is not plain: what has a prototype of its own or a say in its JSON, keys that lead to
   * prototypes, half characters, what is long or deep. Of that JSON text is to be made; everything else would be the same.
   */
  static of(this: void, value: unknown): JsonCopy | undefined {
    const copier = new Copier();
    const json = copier.copy(value, 0);
    return json === notPlain || copier.size > longest ? undefined : new JsonCopy(json, copier.size);
  }

  get text(): string {
    return JSON.stringify(this.json);
  }

  /** Whether the text has at most `limit` bytes. */
  fits(limit: number): boolean {
    return this.size <= limit || Buffer.byteLength(this.text) <= limit;
  }
}

class Copier {
  size = 0;

  copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.size += 6 * value.length + 3;
        return surrogate.test(value) ? notPlain : value;
      case 'number':
        this.size += 25;
        // Of the two zeros JSON knows one.
        return Number.isFinite(value) ? value + 0 : null;
      case 'boolean':
        this.size += 6;
        return value;
      case 'object':
        return value === null ? this.#null() : this.#copyObject(value, depth);
      default:
        return notPlain;
    }
  }

  #null(): null {
    this.size += 5;
    return null;
  }

  #copyObject(value: object, depth: number): unknown {
    if (depth === deepest) return notPlain;
    if ((value as { toJSON?: unknown }).toJSON !== undefined) return notPlain;
    if (Array.isArray(value)) return this.#copyList(value, depth + 1);
    return Object.getPrototypeOf(value) === Object.prototype ? this.#copyMembers(value, depth + 1) : notPlain;
  }

  #copyList(value: readonly unknown[], depth: number): unknown {
    const copied: unknown[] = [];
    this.size += 2;
    for (let n = 0; n < value.length; n++) {
      const member = value[n];
      const made = member === undefined ? this.#null() : this.copy(member, depth);
      if (made === notPlain || this.size > longest) return notPlain;
      copied.push(made);
    }
    return copied;
  }

  #copyMembers(value: object, depth: number): unknown {
    const copied: Record<string, unknown> = {};
    this.size += 2;
    for (const key of Object.keys(value)) {
      if (key === '__proto__' || key === 'constructor' || surrogate.test(key)) return notPlain;
      const member = (value as Record<string, unknown>)[key];
      if (member === undefined) continue;
      this.size += 6 * key.length + 4;
      const made = this.copy(member, depth);
      if (made === notPlain || this.size > longest) return notPlain;
      copied[key] = made;
    }
    return copied;
  }
}
