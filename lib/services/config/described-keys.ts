import type { JsonValue } from '../../api/config-service.js';
import { isObject } from '../../util/is-object.js';
import type { ConfigSchemaSource } from './config-schema-source.js';

/** The keys that packages describe, each as far down as its properties are named. */
export function describedKeys(sources: readonly ConfigSchemaSource[]): string[] {
  return sources.flatMap(({ schema }) => keysIn(schema, ''));
}

function keysIn(schema: JsonValue | undefined, key: string): string[] {
  const { properties } = isObject(schema) ? schema : {};
  if (!isObject(properties)) return key === '' ? [] : [key];
  return Object.entries(properties).flatMap(([name, part]) => keysIn(part, key === '' ? name : `${key}.${name}`));
}
