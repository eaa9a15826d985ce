import { standardOf } from '../contract/json-schema-of.js';
import type { Schema } from '../contract/schema.js';

/**
 * Whether a schema takes nothing for an answer: it is asked, since JSON Schema cannot say it. One that has to wait, or
 * that fails for want of a value, does not.
 */
export function isOptional(schema: Schema): boolean {
  try {
    const result = standardOf(schema)['~standard'].validate(undefined);
    if (!(result instanceof Promise)) return !result.issues;
    result.catch(() => {});
    return false;
  } catch {
    return false;
  }
}
