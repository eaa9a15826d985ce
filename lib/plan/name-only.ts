import type { ClassRecord } from '../api/class-record.js';
import { sourceLineOf } from '../util/source-place.js';

/**
 * Whether a class that declares a service is no more than its name, so that somebody has to implement it.
 *
 * Compiled, an abstract class looks like any other. It is taken for one if it is empty, with all it extends, since then
 * it has nothing to serve with (where its source can be read, that decides); and if it calls a method of its own that
 * nobody defines.
 */
export function isNameOnly({ target, site }: ClassRecord): boolean {
  const texts = textsOf(target);
  if (!texts.every(text => /\{\s*\}$/.test(text))) return callsWhatNobodyDefines(target.prototype as object, texts);
  const declared = new RegExp(`(abstract\\s+)?class\\s+${target.name}\\b`).exec(sourceLineOf(site, 12) ?? '');
  return declared === null || declared[1] !== undefined;
}

/** The class and what it extends, without comments. */
function textsOf(target: unknown): string[] {
  const texts: string[] = [];
  for (let c = target; typeof c === 'function' && c !== Function.prototype; c = Object.getPrototypeOf(c) as unknown) {
    texts.push(Function.prototype.toString.call(c).replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, ''));
  }
  return texts;
}

function callsWhatNobodyDefines(prototype: object, texts: readonly string[]): boolean {
  const all = texts.join('\n');
  const called = new Set([...all.matchAll(/\bthis\.([A-Za-z_$][\w$]*)\s*\(/g)].map(match => match[1]!));
  return [...called].some(name => !(name in prototype) && !isAssigned(name, all));
}

/** As a field, or in the constructor. */
function isAssigned(name: string, text: string): boolean {
  const escaped = name.replaceAll('$', '\\$');
  return new RegExp(`\\bthis\\.${escaped}\\s*[?|&]*=[^=]|^\\s*(?:readonly\\s+)?${escaped}\\s*[=;]`, 'm').test(text);
}
