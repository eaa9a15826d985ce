import type { JsonSchema } from '../../contract/schema.js';
import { isObject } from '../../util/is-object.js';
import { atReference } from '../at-reference.js';
import {
  UnsupportedKeyword,
  resolved,
  type ArrayShape,
  type JsonType,
  type ObjectShape,
  type PlainShape,
  type PropertyShape,
  type Shape,
} from './json-shape.js';
import { ShapeMerger } from './merge-shapes.js';
import { refuseCircles } from './refuse-circles.js';

/** Reads a JSON Schema of draft 2020-12, or of draft 7. Throws `UnsupportedKeyword`. */
export function shapeOf(root: JsonSchema | boolean): Shape {
  const shape = new ShapeReader(root).read(root);
  refuseCircles(shape);
  return shape;
}

type Json = Readonly<Record<string, unknown>>;

const any: Shape = { kind: 'any' };
const never: Shape = { kind: 'never' };
const unsupported = ['if', 'dependentSchemas', '$dynamicRef', '$recursiveRef'];
const knownTypes: ReadonlySet<JsonType> = new Set([
  'object',
  'array',
  'string',
  'number',
  'integer',
  'boolean',
  'null',
]);
const combining = ['$ref', 'allOf', 'anyOf', 'oneOf'];

class ShapeReader {
  readonly #root: unknown;
  readonly #known = new Map<object, Shape>();
  readonly #merger = new ShapeMerger();

  constructor(root: unknown) {
    this.#root = root;
  }

  read(schema: unknown): Shape {
    if (schema === false) return { kind: 'never' };
    if (typeof schema !== 'object' || schema === null) return any;
    const known = this.#known.get(schema);
    if (known) return known;
    const shape = this.#readNew(schema as Json);
    this.#known.set(schema, shape);
    return shape;
  }

  #readNew(schema: Json): Shape {
    for (const keyword of unsupported) if (keyword in schema) throw new UnsupportedKeyword(keyword);
    const parts: Shape[] = [];
    if (Object.keys(schema).some(key => !combining.includes(key))) {
      const plain = this.#plain(schema);
      if (plain) parts.push(plain);
    }
    if (typeof schema['$ref'] === 'string') parts.push(this.#reference(schema['$ref']));
    for (const part of listOf(schema['allOf'])) parts.push(this.read(part));
    for (const keyword of ['anyOf', 'oneOf']) {
      if (keyword in schema)
        parts.push({ kind: 'one', branches: listOf(schema[keyword]).map(branch => this.read(branch)) });
    }
    return parts.length === 1 ? parts[0]! : this.#merger.allOf(parts);
  }

  #plain(schema: Json): PlainShape | undefined {
    const types = schema['type'] === undefined ? undefined : listOf(schema['type']).map(typeNamed);
    const values = 'const' in schema ? [schema['const']] : (schema['enum'] as unknown[] | undefined);
    const object = this.#object(schema);
    const array = this.#array(schema);
    if (!types && !values && !object && !array) return undefined;
    return { kind: 'plain', types, values, object, array };
  }

  #object(schema: Json): ObjectShape | undefined {
    const { properties, patternProperties, propertyNames, required } = schema;
    const additional = schema['additionalProperties'] ?? schema['unevaluatedProperties'];
    if ([properties, patternProperties, additional, propertyNames].every(part => part === undefined)) return undefined;
    const names = new Set(listOf(required));
    const shapes = new Map<string, PropertyShape>();
    for (const [name, property] of Object.entries((properties ?? {}) as Json)) {
      const { default: fallback } = isObject(property) ? property : {};
      shapes.set(name, { shape: this.read(property), required: names.has(name), fallback });
    }
    const hasMembers = properties !== undefined || patternProperties !== undefined;
    const isClosed = additional === undefined ? hasMembers : additional === false;
    const object: ObjectShape = {
      properties: shapes,
      patterns: Object.entries((patternProperties ?? {}) as Json).map(([p, s]) => [new RegExp(p, 'u'), this.read(s)]),
      additional: isClosed ? undefined : this.read(additional),
    };
    const keys = propertyNames === undefined ? undefined : namesIn(this.read(propertyNames));
    return keys ? withKeysAmong(keys, object, names) : object;
  }

  #array(schema: Json): ArrayShape | undefined {
    const { items, prefixItems, additionalItems } = schema;
    if (items === undefined && prefixItems === undefined) return undefined;
    // A list of items is how draft 7 writes a tuple.
    if (Array.isArray(items)) return { first: items.map(item => this.read(item)), rest: this.read(additionalItems) };
    const first = listOf(prefixItems).map(item => this.read(item));
    return { first, rest: items === undefined && first.length > 0 ? never : this.read(items) };
  }

  #reference(reference: string): Shape {
    const place = atReference(this.#root, reference);
    if (place === undefined) throw new UnsupportedKeyword(`$ref: ${reference}`);
    return { kind: 'reference', target: () => this.read(place) };
  }
}

function typeNamed(name: unknown): JsonType {
  if (!knownTypes.has(name as JsonType)) throw new UnsupportedKeyword(`type: ${String(name)}`);
  return name as JsonType;
}

/** The names that keys may have, where there are so many and no more. */
function namesIn(keys: Shape): readonly string[] | undefined {
  const found = resolved(keys);
  if (found.kind === 'plain') return found.values?.map(String);
  if (found.kind !== 'one') return undefined;
  const all = found.branches.map(namesIn);
  return all.every(names => names !== undefined) ? all.flat() : undefined;
}

function withKeysAmong(
  keys: readonly string[],
  { properties, patterns, additional }: ObjectShape,
  required: ReadonlySet<unknown>,
): ObjectShape {
  const all = new Map(properties);
  for (const name of keys) {
    const shape = patterns.find(([pattern]) => pattern.test(name))?.[1] ?? additional;
    if (shape && !all.has(name)) all.set(name, { shape, required: required.has(name), fallback: undefined });
  }
  return { properties: all, patterns: [], additional: undefined };
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
