import type { Problem } from '../../errors/problem.js';
import type { ConfigNode, ConfigObject } from './config-node.js';
import { joinPath } from './config-path.js';
import { keyStep } from '../../errors/key-step.js';

/** Objects are merged key by key; anything else is replaced by `upper`. */
export function mergeConfig(lower: ConfigObject, upper: ConfigObject): ConfigObject {
  if (lower === upper) return lower;
  const entries = new Map(lower.entries);
  for (const [key, value] of upper.entries) {
    const below = entries.get(key);
    entries.set(key, below?.kind === 'object' && value.kind === 'object' ? mergeConfig(below, value) : value);
  }
  return { kind: 'object', entries, place: upper.place };
}

/**
 * What is left once all sources are merged: keys that are null are gone, and variables that nobody set and no later
 * source made unnecessary are problems.
 */
export function settleConfig(tree: ConfigObject, problems: Problem[], key = ''): ConfigObject {
  const entries = new Map<string, ConfigNode>();
  for (const [name, value] of tree.entries) {
    const settled = settle(value, joinPath(key, name), problems);
    if (settled.kind !== 'scalar' || settled.value !== null) entries.set(name, settled);
  }
  return { ...tree, entries };
}

function settle(node: ConfigNode, key: string, problems: Problem[]): ConfigNode {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'object') return settleConfig(node, problems, key);
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item, index) => settle(item, joinPath(key, index), problems)) };
  }
  for (const variable of node.variables) problems.push(unset(variable, key, node.place));
  return { kind: 'scalar', value: null, place: node.place };
}

function unset(variable: string, key: string, place: string): Problem {
  return {
    code: 'MISSING_CONFIG',
    message: `Environment variable '${variable}' is not set`,
    path: [keyStep(key, place)],
    fix: `set it, write a fallback as in \${${variable}:-fallback}, or remove the key by setting it to null in app-config.local.yaml.`,
  };
}
