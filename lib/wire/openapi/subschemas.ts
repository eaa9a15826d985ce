import { isObject } from '../../util/is-object.js';

/** A JSON object, as of a schema. */
export type Json = Readonly<Record<string, unknown>>;

const one: ReadonlySet<string> = new Set([
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const many: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);
const named: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);

/**
 * The schema with `map` applied to each schema directly in it, and to nothing that only looks like one, as an example
 * or the name of a property.
 */
export function mapSubschemas(schema: Json, map: (subschema: unknown) => unknown): Record<string, unknown> {
  const mapped: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (many.has(keyword) && Array.isArray(value)) mapped[keyword] = value.map(map);
    else if (named.has(keyword) && isObject(value)) mapped[keyword] = mapValues(value, map);
    else mapped[keyword] = one.has(keyword) ? map(value) : value;
  }
  return mapped;
}

export function without(value: Json, keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

function mapValues(values: Json, map: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
