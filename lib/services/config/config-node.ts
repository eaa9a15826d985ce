import type { JsonValue } from '../../api/config-service.js';

/**
 * A configuration value and where it stands. A node never changes once it is made, so that trees can share it; objects
 * are maps, so that no key can reach a prototype.
 */
export type ConfigNode = ConfigScalar | ConfigList | ConfigObject | UnsetVariables;

export interface ConfigScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly place: string;
  /** What substitution put into the text; each may be secret where the whole is. */
  readonly fragments?: readonly string[];
}

export interface ConfigList {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly place: string;
}

export interface ConfigObject {
  readonly kind: 'object';
  readonly entries: ReadonlyMap<string, ConfigNode>;
  readonly place: string;
}

/** Stands for a value that names variables without a value, until a later source replaces it. */
export interface UnsetVariables {
  readonly kind: 'unset';
  readonly variables: readonly string[];
  readonly place: string;
}

export function configObject(entries: Iterable<readonly [string, ConfigNode]>, place: string): ConfigObject {
  return { kind: 'object', entries: new Map(entries), place };
}

/** Keys that are never accepted: somebody, some day, would assign them to an object. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/** A new copy of the value as plain data. */
export function toJson(node: ConfigNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toJson);
  if (node.kind === 'unset') return null;
  const data: { [key: string]: JsonValue } = {};
  for (const [key, value] of node.entries) data[key] = toJson(value);
  return data;
}

/** Whether two values are deeply equal, wherever they stand and in whatever order their keys are. */
export function isSameData(a: ConfigNode | undefined, b: ConfigNode | undefined): boolean {
  if (a === b) return true;
  if (a?.kind === 'scalar' && b?.kind === 'scalar') return a.value === b.value;
  if (a?.kind === 'list' && b?.kind === 'list') {
    return a.items.length === b.items.length && a.items.every((item, i) => isSameData(item, b.items[i]));
  }
  if (a?.kind === 'object' && b?.kind === 'object') {
    if (a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([key, value]) => isSameData(value, b.entries.get(key)));
  }
  return false;
}

/** What a value is, in words that say nothing about its content. */
export function describeType(node: ConfigNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'object') return 'an object';
  if (node.kind === 'unset' || node.value === null) return 'null';
  return node.value === '' ? 'an empty string' : `a ${typeof node.value}`;
}
