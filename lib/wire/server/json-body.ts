import { isUtf8 } from 'node:buffer';
import { BadRequestError } from '../../errors/http-error.js';
import { invalidRequest, pointerBelow, type BrokenRule } from './broken-rules.js';
import type { QuickCheck } from './generated-check.js';
import { jsonErrorOffset } from './json-error-offset.js';

/** How deep lists and objects may lie in each other, and how many keys a body may have. */
export const deepest = 64;
const mostKeys = 50_000;

/** The bytes of a body that is looked at before it is parsed. */
const longText = 16_384;

/** With its quotes, its colon and a value a key takes five bytes: a shorter body cannot have too many. */
const fewBytes = mostKeys * 5;

/** What may become half of a character; in UTF-8 itself there is none. */
const escapedSurrogate = /\\u[dD][89a-fA-F]/;

/** A surrogate without its other half. */
const halfCharacter = /\p{Surrogate}/u;

/** What a body was read as. */
export interface ReadJson {
  readonly value: unknown;
  /** As the quick check has said of it. */
  readonly isSound: boolean;
}

/**
 * Reads a body that is JSON, or throws the 400 that says where it is none.
 *
 * Also refused are keys that lead to prototypes, numbers and characters that JSON cannot carry back, and what is nested
 * so deep that whoever walks through it would run out of stack. What `soundBodyOf` knows to have none of these is not
 * walked through for that.
 */
export function readJson(bytes: Buffer, isSoundBody: QuickCheck): ReadJson {
  if (!isUtf8(bytes)) throw invalidJson(firstBadByte(bytes));
  // What is nested without end costs V8 long before anybody could look at it.
  if (bytes.length > longText && isDeep(bytes)) throw broken('', 'depth');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidJson(jsonErrorOffset(bytes));
  }
  const hasEscapes = text.includes('\\u') && escapedSurrogate.test(text);
  const hasManyKeys = bytes.length > fewBytes;
  const isSound = isSoundBody(value);
  if (isSound && !hasEscapes && !hasManyKeys) return { value, isSound };
  const inspection = new Inspection(hasEscapes, hasManyKeys);
  const rule = typeof value === 'object' && value !== null ? inspection.inspect(value, 1) : ruleOf(value);
  if (rule) throw broken(rule.pointer, rule.rule);
  return { value, isSound };
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

  /** The rule that something in `value` breaks; its pointer begins there. */
  inspect(value: object, depth: number): BrokenRule | undefined {
    if (depth > deepest) throw broken('', 'depth');
    if (Array.isArray(value)) {
      for (let n = 0; n < value.length; n++) {
        const rule = this.#inspectMember(value[n], depth);
        if (rule) return below(n, rule);
      }
      return undefined;
    }
    for (const key in value) {
      if (this.#counts && ++this.#keys > mostKeys) throw broken('', 'keys');
      const member = (value as Record<string, unknown>)[key];
      if (key === '__proto__' || (key === 'constructor' && leadsToPrototype(member))) return breaks('prototype');
      if (this.#hasEscapes && halfCharacter.test(key)) return breaks('unicode');
      const rule = this.#inspectMember(member, depth);
      if (rule) return below(key, rule);
    }
    return undefined;
  }

  #inspectMember(member: unknown, depth: number): BrokenRule | undefined {
    if (typeof member === 'object') return member === null ? undefined : this.inspect(member, depth + 1);
    return typeof member === 'number' || this.#hasEscapes ? ruleOf(member) : undefined;
  }
}

/** A number that is too large for one, or half of a character, is another value after it was written again. */
function ruleOf(value: unknown): BrokenRule | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : breaks('number');
  return typeof value === 'string' && halfCharacter.test(value) ? breaks('unicode') : undefined;
}

function breaks(rule: string): BrokenRule {
  return { pointer: '', rule };
}

function below(key: PropertyKey, { pointer, rule }: BrokenRule): BrokenRule {
  return { pointer: pointerBelow(key, pointer), rule };
}

/** Whether more is open than may be, brackets in texts aside. */
function isDeep(bytes: Buffer): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    // { and [, } and ], and the quotes of a text.
    if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === 0x22) at = endOfText(bytes, at);
  }
  return false;
}

/** Where the text that begins at `start` has its closing quote. */
function endOfText(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) return at;
    if (byte === 0x5c) at++;
  }
  return bytes.length;
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
