import type { ClassRecord } from '../api/class-record.js';
import { codeOf } from '../util/class-code.js';
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

/** The class and what it extends. */
function textsOf(target: unknown): string[] {
  const texts: string[] = [];
  for (let c = target; typeof c === 'function' && c !== Function.prototype; c = Object.getPrototypeOf(c) as unknown) {
    texts.push(codeOf(c));
  }
  return texts;
}

function callsWhatNobodyDefines(prototype: object, texts: readonly string[]): boolean {
  const all = texts.join('\n');
  const called = new Set([...all.matchAll(/\bthis\.([A-Za-z_$][\w$]*)\s*\(/g)].map(match => match[1]!));
  return [...called].some(name => !(name in prototype) && !isDefined(name, all));
}

/** As a field, in the constructor, or as a method of something inside the class, which has a `this` of its own. */
function isDefined(name: string, text: string): boolean {
  const escaped = name.replaceAll('$', '\\$');
  const assigned = `\\bthis\\.${escaped}\\s*[?|&]*=[^=]`;
  const field = `(?:^|[{;])\\s*(?:readonly\\s+)?${escaped}\\s*[=;]`;
  const method = `(?<![.\\w$])${escaped}\\s*\\([^()]*\\)\\s*\\{`;
  return new RegExp(`${assigned}|${field}|${method}`, 'm').test(text);
}
