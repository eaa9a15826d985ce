import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonSchema, Schema } from './schema.js';

/**
 * The JSON Schema of what a schema takes (`input`) or gives (`output`): the one it was given with, or what it says of
 * itself. Throws what the schema throws that cannot be told as JSON, as one of dates.
 */
export function jsonSchemaOf(schema: Schema, side: 'input' | 'output'): JsonSchema {
  if (!('~standard' in schema)) return schema.jsonSchema;
  return schema['~standard'].jsonSchema[side]({ target: 'draft-2020-12' });
}

/** What checks values, without the JSON Schema that it may have been given with. */
export function standardOf(schema: Schema): StandardSchemaV1 {
  return '~standard' in schema ? schema : schema.schema;
}

/** Whether a schema can be one of an operation: a Standard Schema that gives its JSON Schema, or has it beside it. */
export function isSchema(value: unknown): value is Schema {
  if (!isObject(value)) return false;
  const standard = isObject(value['~standard']) ? value['~standard'] : undefined;
  if (standard) return isValidating(standard) && isObject(standard['jsonSchema']);
  const { schema, jsonSchema } = value;
  return isObject(jsonSchema) && isObject(schema) && isObject(schema['~standard']) && isValidating(schema['~standard']);
}

function isValidating(standard: Readonly<Record<string, unknown>>): boolean {
  return typeof standard['validate'] === 'function';
}

/** A schema may be a function that has its properties, as those of arktype are. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
