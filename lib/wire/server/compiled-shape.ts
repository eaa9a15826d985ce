import { jsonSchemaOf } from '../../contract/json-schema-of.js';
import type { Schema } from '../../contract/schema.js';
import type { Shape } from './json-shape.js';
import { shapeOf } from './read-shape.js';

/** The structure that a schema takes, or gives. Throws where its library, or we, cannot say that. */
export function compiledShape(schema: Schema, side: 'input' | 'output'): Shape {
  return shapeOf(jsonSchemaOf(schema, side));
}
