import { types } from 'node:util';
import type { Token } from '../../decorators/tokens.js';
import { readOnly } from './read-only.js';

/** How an instance ends is not for others. */
const withheld: readonly unknown[] = [Symbol.dispose, Symbol.asyncDispose];

interface FacadeOptions {
  /** What it was asked for as: of the class behind it nobody learns more. */
  readonly token?: Token | undefined;
  /** Runs before each call. */
  readonly guard?: () => void;
}

/**
 * What others are given of an instance they do not own: its methods and properties, but no way to change or dispose it.
 *
 * The facade is frozen; methods run on the instance itself, so that may keep whatever state it likes. They are those
 * its class had when the facade was made: who changes the class later changes nothing for the others. Plain data behind
 * a property can be read only. What methods return or promise is handed on as it is, except the instance itself, which becomes
 * the facade. Functions and primitives are given as they are.
 */
export function facadeOf(target: unknown, options: FacadeOptions = {}): unknown {
  if (typeof target !== 'object' || target === null) return target;
  if (Array.isArray(target)) return Object.freeze(target.map(member => facadeOf(member, options)));
  const facade = Object.create(prototypeOf(options.token)) as object;
  for (let source: object | null = target; source && source !== Object.prototype; source = parentOf(source)) {
    for (const key of [...Object.getOwnPropertyNames(source), ...Object.getOwnPropertySymbols(source)]) {
      if (key === 'constructor' || Object.hasOwn(facade, key)) continue;
      Object.defineProperty(facade, key, delegate({ target, facade, source, key, guard: options.guard }));
    }
  }
  return Object.freeze(facade);
}

function prototypeOf(token: Token | undefined): object {
  return typeof token === 'function' ? (token.prototype as object) : Object.prototype;
}

function parentOf(source: object): object | null {
  return Object.getPrototypeOf(source) as object | null;
}

interface Member {
  readonly target: object;
  readonly facade: object;
  /** The instance, or the prototype of it that has the property. */
  readonly source: object;
  readonly key: string | symbol;
  readonly guard: (() => void) | undefined;
}

function delegate({ target, facade, source, key, guard }: Member): PropertyDescriptor {
  if (withheld.includes(key)) return { value: undefined };
  const { enumerable = false, value } = Object.getOwnPropertyDescriptor(source, key) as PropertyDescriptor & {
    value: unknown;
  };
  const give = (result: unknown): unknown =>
    types.isPromise(result) ? result.then(give) : result === target ? facade : result;
  const read = () => (target as Record<string | symbol, unknown>)[key];
  if (typeof value !== 'function') return { enumerable, get: () => give(readOnly(read())) };
  if (isClass(value)) return { enumerable, value };
  const call = (...args: unknown[]): unknown => {
    guard?.();
    // A method of the instance's own is there because somebody who has the instance put it there, as tests do.
    const method = (Object.hasOwn(target, key) ? read() : value) as (...args: unknown[]) => unknown;
    return give(method.apply(target, args));
  };
  return { enumerable, value: Object.defineProperty(call, 'name', { value: value.name }) };
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
