import type { JsonValue } from '../../api/config-service.js';
import { isObject } from '../../util/is-object.js';
import type { ConfigNode } from './config-node.js';
import { joinPath } from './config-path.js';

type Schema = { readonly [keyword: string]: JsonValue };

/** What schemas say about values that are there. */
export interface SchemaMarks {
  readonly secrets: Set<ConfigNode>;
  readonly deprecated: { readonly key: string; readonly node: ConfigNode; readonly text: string }[];
}

/**
 * Follows a schema and a value side by side. Alternatives (`anyOf`, `then`, …) all count, fitting or not: what one of
 * them calls secret is kept secret.
 */
export function markBySchema(root: Schema, tree: ConfigNode): SchemaMarks {
  const marks: SchemaMarks = { secrets: new Set(), deprecated: [] };
  new Marker(root, marks).visit(root, tree, '', false, new Set());
  return marks;
}

class Marker {
  readonly #root: Schema;
  readonly #marks: SchemaMarks;

  constructor(root: Schema, marks: SchemaMarks) {
    this.#root = root;
    this.#marks = marks;
  }

  /** `at` holds the schemas already met at this value, against references that go round in circles. */
  visit(schema: JsonValue | undefined, node: ConfigNode, key: string, inherited: boolean, at: Set<object>): void {
    if (!isObject(schema) || at.has(schema)) return;
    at.add(schema);
    const isDeep = inherited || schema['deepVisibility'] === 'secret';
    if (isDeep || schema['visibility'] === 'secret') this.#marks.secrets.add(node);
    const { deprecated } = schema;
    if (typeof deprecated === 'string' || deprecated === true) {
      const text = deprecated === true ? '' : deprecated;
      if (!this.#marks.deprecated.some(mark => mark.node === node)) this.#marks.deprecated.push({ key, node, text });
    }
    if (typeof schema['$ref'] === 'string') this.visit(this.#resolve(schema['$ref']), node, key, isDeep, at);
    for (const keyword of ['if', 'then', 'else', 'not']) this.visit(schema[keyword], node, key, isDeep, at);
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      for (const part of listOf(schema[keyword])) this.visit(part, node, key, isDeep, at);
    }
    if (node.kind === 'object') {
      for (const [name, value] of node.entries) {
        this.#visitAll(propertySchemas(schema, name), value, joinPath(key, name), isDeep);
      }
    }
    if (node.kind === 'list') {
      const isListOfSecrets = isDeep || schema['visibility'] === 'secret';
      node.items.forEach((item, index) => {
        const isSecret = isDeep || (isListOfSecrets && item.kind === 'scalar');
        this.#visitAll(itemSchemas(schema, index), item, joinPath(key, index), isSecret);
      });
    }
  }

  #visitAll(schemas: readonly JsonValue[], node: ConfigNode, key: string, isDeep: boolean): void {
    for (const schema of schemas) this.visit(schema, node, key, isDeep, new Set());
    if (isDeep && !schemas.some(isObject)) this.visit({}, node, key, true, new Set());
  }

  /** Only references within the schema, as `#/definitions/token`. */
  #resolve(ref: string): JsonValue | undefined {
    if (!ref.startsWith('#')) return undefined;
    let found: JsonValue | undefined = this.#root;
    for (const part of decodeURIComponent(ref).split('/').slice(1)) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return found;
  }
}

function propertySchemas(schema: Schema, name: string): JsonValue[] {
  const { properties, patternProperties, additionalProperties } = schema;
  const found: JsonValue[] = [];
  if (isObject(properties) && Object.hasOwn(properties, name)) found.push(properties[name]!);
  if (isObject(patternProperties)) {
    for (const [pattern, part] of Object.entries(patternProperties)) if (fits(pattern, name)) found.push(part);
  }
  return found.length === 0 && additionalProperties !== undefined ? [additionalProperties] : found;
}

function fits(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name);
  } catch {
    // The check of the schema says so; here it is enough that the pattern names no key.
    return false;
  }
}

function itemSchemas(schema: Schema, index: number): JsonValue[] {
  const { items, prefixItems, additionalItems } = schema;
  const ordered = listOf(Array.isArray(items) ? items : prefixItems);
  const rest = Array.isArray(items) ? additionalItems : items;
  const found = index < ordered.length ? ordered[index] : rest;
  return found === undefined ? [] : [found];
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
