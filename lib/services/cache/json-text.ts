import { invalidValue } from './cache-errors.js';

/**
 * The JSON text of a value. Throws `INVALID_CACHE_VALUE` where reading it would give something else: a property that is
 * `undefined` is left out, and nothing else is lost or changed.
 */
export function jsonText(value: unknown, pluginId: string): string {
  const refuse = (at: string, what: string) => invalidValue(pluginId, `$${at}`, what);
  check(value, '', [], refuse);
  return JSON.stringify(value);
}

type Refuse = (at: string, what: string) => Error;

/** Deeper ones would exhaust the stack of whoever reads them. */
const deepest = 1_000;

function check(value: unknown, at: string, around: object[], refuse: Refuse): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return;
    throw refuse(at, `the number ${value}`);
  }
  if (typeof value !== 'object') throw refuse(at, value === undefined ? 'nothing' : `a ${typeof value}`);
  if (around.includes(value)) throw refuse(at, 'itself');
  if (around.length === deepest) throw refuse(`${at.slice(0, 40)}…`, `more than ${deepest} levels`);
  around.push(value);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) check(value[index], `${at}[${index}]`, around, refuse);
  } else {
    checkObject(value, at, around, refuse);
  }
  around.pop();
}

function checkObject(value: object, at: string, around: object[], refuse: Refuse): void {
  const prototype = Object.getPrototypeOf(value) as object | null;
  // That of another realm, as of a test runner's, has no prototype of its own either.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain) throw refuse(at, `an instance of ${nameOf(prototype)}`);
  for (const key of Object.keys(value)) {
    const below = `${at}.${key}`;
    // Whoever copies what was read would change the prototype of the copy.
    if (key === '__proto__') throw refuse(below, `a property called '__proto__'`);
    const inner = (value as Record<string, unknown>)[key];
    if (inner !== undefined) check(inner, below, around, refuse);
  }
}

function nameOf(prototype: object): string {
  const { constructor } = prototype as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class';
}

/** The value of a text that a store gives back; throws for what no `jsonText()` has written. */
export function jsonValue(text: string): unknown {
  // A key may be written with escapes.
  if (!text.includes('__proto__') && !text.includes('\\u')) return JSON.parse(text) as unknown;
  return JSON.parse(text, (key, value: unknown) => {
    if (key === '__proto__') throw new SyntaxError(`A property is called '__proto__'`);
    return value;
  }) as unknown;
}
