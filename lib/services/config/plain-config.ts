import type { Problem } from '../../errors/problem.js';
import { isForbiddenKey, type ConfigNode } from './config-node.js';
import { joinPath } from './config-path.js';
import { invalidValue } from './config-problems.js';

/** How deep configuration may be nested; deeper is a cycle or an accident. */
export const maxDepth = 100;

/** Plain data as a configuration value, all of it standing at `place`; what is no JSON is a problem. */
export function plainConfig(
  data: unknown,
  place: string,
  problems: Problem[],
  key = '',
  depth = 0,
): ConfigNode | undefined {
  if (data === undefined) return undefined;
  if (data === null || typeof data === 'string' || typeof data === 'boolean' || Number.isFinite(data)) {
    return { kind: 'scalar', value: data as string | number | boolean | null, place };
  }
  if (depth > maxDepth) {
    problems.push(invalidValue(key, place, `Configuration key '${key}' is nested too deeply`, 'flatten it.'));
    return undefined;
  }
  if (Array.isArray(data)) {
    const items = data.map((item, index) => plainConfig(item, place, problems, joinPath(key, index), depth + 1));
    return { kind: 'list', items: items.map(item => item ?? { kind: 'scalar', value: null, place }), place };
  }
  if (!isPlainObject(data)) {
    const what = key === '' ? 'The configuration' : `Configuration key '${key}'`;
    problems.push(
      invalidValue(key, place, `${what} is not JSON data`, 'use strings, numbers, booleans, lists and objects.'),
    );
    return undefined;
  }
  const entries = new Map<string, ConfigNode>();
  for (const [name, value] of Object.entries(data)) {
    if (isForbiddenKey(name)) problems.push(forbiddenKey(joinPath(key, name), place));
    else {
      const node = plainConfig(value, place, problems, joinPath(key, name), depth + 1);
      if (node) entries.set(name, node);
    }
  }
  return { kind: 'object', entries, place };
}

export function forbiddenKey(key: string, place: string): Problem {
  const message = `Configuration key '${key}' has a name that JavaScript reserves`;
  return invalidValue(key, place, message, 'choose another name for the key.');
}

function isPlainObject(data: unknown): data is object {
  if (typeof data !== 'object' || data === null) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
