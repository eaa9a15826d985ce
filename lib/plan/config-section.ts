import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConfigSection } from '../../decorators/config-of.js';
import type { Config, JsonValue } from '../api/config-service.js';
import { ConfigError } from '../errors/config-error.js';
import { keyStep } from '../errors/key-step.js';
import type { Problem } from '../errors/problem.js';
import { describePlace } from '../util/source-place.js';

/**
 * Reads the section of the configuration that a `configOf` class holds, checked by its schema and frozen.
 *
 * Where the key is absent the schema is given `{}`, so that its defaults count. A schema that answers with a promise is
 * a problem, as constructors cannot wait for it.
 */
export function readConfigSection(config: Config, section: ConfigSection): { value: object } | { problems: Problem[] } {
  try {
    const result = section.schema['~standard'].validate(config.getOptional(section.path) ?? {});
    if (result instanceof Promise) {
      result.catch(() => {});
      return {
        problems: [unusableSchema(section, 'is asynchronous', 'check in the schema only what needs no waiting.')],
      };
    }
    if (result.issues) return { problems: result.issues.map(issue => describeIssue(issue, config, section)) };
    if (typeof result.value === 'object' && result.value !== null) return { value: deepFreeze(result.value) };
    return { problems: [unusableSchema(section, 'gives no object', 'describe an object in the schema.')] };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: [error.problem] };
    return { problems: [unusableSchema(section, 'throws an error', 'correct the schema.', error)] };
  }
}

function describeIssue(issue: StandardSchemaV1.Issue, config: Config, section: ConfigSection): Problem {
  const keys = keysDownTo(section.path, issue.path ?? []);
  const key = keys.at(-1)!;
  const place = keys.map(candidate => config.placeOf(candidate)).findLast(found => found !== undefined);
  return {
    code: 'INVALID_CONFIG',
    message: `Configuration key '${key}' does not fit its schema: ${withoutValues(issue.message, valueAt(config, key))}`,
    path: [keyStep(key, place), ...schemaStep(section)],
    fix: `write there what the schema of '${section.path}' allows.`,
  };
}

/** `catalog`, `catalog.rules`, `catalog.rules[1]` for the path `['rules', 1]` below `catalog`. */
function keysDownTo(base: string, path: NonNullable<StandardSchemaV1.Issue['path']>): string[] {
  const keys = base.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'));
  for (const segment of path) {
    const name = typeof segment === 'object' ? segment.key : segment;
    keys.push(typeof name === 'number' ? `${keys.at(-1)!}[${name}]` : `${keys.at(-1)!}.${String(name)}`);
  }
  return keys;
}

function valueAt(config: Config, key: string): JsonValue | undefined {
  try {
    return config.getOptional(key);
  } catch {
    return undefined;
  }
}

/** Some schema libraries quote the value, which may be secret, in what they say about it. */
function withoutValues(message: string, value: JsonValue | undefined): string {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).reduce<string>((text, part) => withoutValues(text, part), message);
  }
  if (typeof value !== 'string' && typeof value !== 'number') return message;
  const hidden = message.replaceAll(JSON.stringify(String(value)), '***').replaceAll(`'${value}'`, '***');
  return String(value).length < 4 ? hidden : hidden.replaceAll(String(value), '***');
}

function unusableSchema(section: ConfigSection, what: string, fix: string, cause?: unknown): Problem {
  return {
    code: 'INVALID_CONFIG_SCHEMA',
    message: `The schema of configuration key '${section.path}' ${what}`,
    path: [keyStep(section.path, undefined), ...schemaStep(section)],
    fix,
    ...(cause !== undefined && { cause }),
  };
}

function schemaStep({ site }: ConfigSection): string[] {
  const place = describePlace(site);
  return place === undefined ? [] : [`-> schema given to configOf (${place})`];
}

/** Plain objects and lists only: what else a schema makes, as a `URL`, would break. */
function deepFreeze<T extends object>(value: T): T {
  const isPlain =
    Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (!isPlain || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part as object);
  return Object.freeze(value);
}
