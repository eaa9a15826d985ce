import type { StandardSchemaV1 } from '@standard-schema/spec';
import { standardOf } from '../../contract/json-schema-of.js';
import type { Schema } from '../../contract/schema.js';
import { invalidRequest, mostRules, pointerBelow, type BrokenRule } from './broken-rules.js';

export type RequestPart = 'params' | 'query' | 'headers' | 'body';

/** What the schema makes of a part of the request; throws, or rejects with, the 400 that names the broken rules. */
export type Validate = (value: unknown) => unknown;

/** Asks a schema. Only where the schema has to wait is there a promise. */
export function validationOf(part: RequestPart, schema: Schema): Validate {
  const standard = standardOf(schema)['~standard'];
  const settle = (result: StandardSchemaV1.Result<unknown>, value: unknown): unknown => {
    if (!result.issues) return result.value;
    throw invalidRequest(result.issues.slice(0, mostRules).map(issue => brokenRule(part, issue, value)));
  };
  return value => {
    const result = standard.validate(value);
    return result instanceof Promise ? result.then(settled => settle(settled, value)) : settle(result, value);
  };
}

function brokenRule(part: RequestPart, issue: StandardSchemaV1.Issue, value: unknown): BrokenRule {
  const keys = (issue.path ?? []).map(key => (typeof key === 'object' ? key.key : key));
  return {
    pointer: `/${part}${keys.reduceRight<string>((pointer, key) => pointerBelow(key, pointer), '')}`,
    rule: isMissing(keys, value) ? 'required' : ruleOf(issue),
  };
}

function isMissing(keys: readonly PropertyKey[], value: unknown): boolean {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return true;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found === undefined;
}

/** Messages may repeat the value; libraries have a word for the rule besides, under one of two names. */
function ruleOf(issue: StandardSchemaV1.Issue): string {
  const { code, type } = issue as { code?: unknown; type?: unknown };
  const word = [code, type].find(name => typeof name === 'string' && /^[a-zA-Z][\w-]{0,40}$/.test(name));
  return (word as string | undefined) ?? 'invalid';
}
