import { isUtf8 } from 'node:buffer';
import { BadRequestError } from '../../errors/http-error.js';
import { invalidRequest, pointerBelow } from './broken-rules.js';
import { jsonErrorOffset } from './json-error-offset.js';

/** How deep lists and objects may lie in each other, and how many keys a body may have. */
const deepest = 64;
const mostKeys = 50_000;

/** With its quotes, its colon and a value a key takes five bytes: a shorter body cannot have too many. */
const fewBytes = mostKeys * 5;

/**
 * Reads a body that is JSON, or throws the 400 that says where it is none.
 *
 * Also refused are keys that lead to prototypes, numbers and characters that JSON cannot carry back, and what is nested
 * so deep that whoever walks through it would run out of stack.
 */
export function readJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw invalidJson(firstBadByte(bytes));
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidJson(jsonErrorOffset(bytes));
  }
  if (typeof value === 'object' && value !== null) {
    new Inspection(text.includes('\\u'), bytes.length > fewBytes).inspect(value, 1);
  } else if (!isCarried(value, text.includes('\\u'))) {
    throw broken('', typeof value === 'number' ? 'number' : 'unicode');
  }
  return value;
}

/** One walk through everything that was read. */
class Inspection {
  readonly #hasEscapes: boolean;
  readonly #counts: boolean;
  #keys = 0;

  constructor(hasEscapes: boolean, counts: boolean) {
    this.#hasEscapes = hasEscapes;
    this.#counts = counts;
  }

  inspect(value: object, depth: number): void {
    if (depth > deepest) throw broken('', 'depth');
    if (Array.isArray(value)) {
      for (let n = 0; n < value.length; n++) this.#inspectMember(n, value[n], depth);
    } else {
      for (const key in value) {
        if (this.#counts && ++this.#keys > mostKeys) throw broken('', 'keys');
        const member = (value as Record<string, unknown>)[key];
        if (key === '__proto__' || (key === 'constructor' && leadsToPrototype(member))) throw broken('', 'prototype');
        if (this.#hasEscapes && !key.isWellFormed()) throw broken('', 'unicode');
        this.#inspectMember(key, member, depth);
      }
    }
  }

  #inspectMember(key: string | number, member: unknown, depth: number): void {
    if (typeof member === 'object') {
      if (member !== null) this.inspect(member, depth + 1);
    } else if (typeof member === 'number' ? !Number.isFinite(member) : this.#hasEscapes && !isCarried(member, true)) {
      throw broken(pointerBelow(key, ''), typeof member === 'number' ? 'number' : 'unicode');
    }
  }
}

/** A number that is too large for one, or half of a character, is another value after it was written again. */
function isCarried(value: unknown, hasEscapes: boolean): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'string' || !hasEscapes || value.isWellFormed();
}

function leadsToPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

function broken(pointer: string, rule: string): BadRequestError {
  return invalidRequest([{ pointer: `/body${pointer}`, rule }]);
}

function invalidJson(offset: number): BadRequestError {
  return new BadRequestError(`The body is not JSON in UTF-8, at byte ${offset}`, { code: 'invalid_json' });
}

function firstBadByte(bytes: Buffer): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    // A character that is cut in the middle may go on after it.
    if ([0, 1, 2, 3].some(more => isUtf8(bytes.subarray(0, middle - more)))) good = middle;
    else bad = middle;
  }
  return good;
}
