import type { Config, JsonValue } from '../../api/config-service.js';
import { ConfigError } from '../../errors/config-error.js';
import { isObject } from '../../util/is-object.js';
import { readLevel, type Threshold } from './log-levels.js';

/** Which threshold holds for the lines whose fields match. */
export interface LevelOverride {
  readonly level: Threshold;
  /** Whether all fields the override names match; `valueOf` gives the line's value of a field. */
  matches(valueOf: (field: string) => unknown): boolean;
}

type Matcher = (value: unknown) => boolean;

const key = 'backend.logger.overrides';

/**
 * Reads `backend.logger.overrides`: `{ matchers: { field: value | '/regex/flags' | array of these }, level }`.
 *
 * Throws a `ConfigError` with code `INVALID_LOG_OVERRIDE` or `INVALID_LOG_LEVEL` that names the index and the place.
 */
export function readOverrides(config: Config): LevelOverride[] {
  return (config.getOptionalConfigArray(key) ?? []).map((entry, index) => {
    const path = `${key}[${index}]`;
    const matchers = readMatchers(entry, path);
    const level = readLevel(entry.getOptional('level'), `${path}.level`, entry.placeOf('level'));
    if (level === undefined) throw invalid(path, 'has no level', entry.placeOf('matchers'), "add 'level'.");
    return { level, matches: valueOf => matchers.every(([field, matcher]) => matcher(valueOf(field))) };
  });
}

function readMatchers(entry: Config, path: string): [field: string, matcher: Matcher][] {
  const matchers = entry.getOptional('matchers');
  const fields = isObject(matchers) ? Object.entries(matchers) : [];
  if (fields.length === 0) {
    const fix = "name the fields that must match, as 'matchers: { plugin: catalog }'.";
    throw invalid(path, 'has no matchers', entry.placeOf('matchers') ?? entry.placeOf('level'), fix);
  }
  return fields.map(([field, value]) => {
    const place = entry.placeOf(`matchers.${field}`) ?? entry.placeOf('matchers');
    return [field, readMatcher(value, `${path}.matchers.${field}`, place)];
  });
}

function readMatcher(value: JsonValue, path: string, place: string | undefined): Matcher {
  if (Array.isArray(value)) {
    const any = value.map(item => readMatcher(item, path, place));
    return actual => any.some(matcher => matcher(actual));
  }
  if (typeof value === 'object') {
    throw invalid(
      path,
      'is neither a value nor an array of values',
      place,
      "write a value, '/regex/flags' or an array.",
    );
  }
  const parts = typeof value === 'string' ? /^\/(.*)\/([a-z]*)$/s.exec(value) : null;
  if (!parts) return actual => isPrimitive(actual) && String(actual) === String(value);
  try {
    // With `g` or `y` the expression would remember where it last matched.
    const expression = new RegExp(parts[1]!, parts[2]!.replace(/[gy]/g, ''));
    return actual => isPrimitive(actual) && expression.test(String(actual));
  } catch (error) {
    throw invalid(path, `is not a regular expression: ${value}`, place, 'correct the expression or its flags.', error);
  }
}

function isPrimitive(value: unknown): value is string | number | boolean | bigint {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

function invalid(path: string, what: string, place: string | undefined, fix: string, cause?: unknown): ConfigError {
  const where = place === undefined ? '' : ` (${place})`;
  return new ConfigError({
    code: 'INVALID_LOG_OVERRIDE',
    message: `'${path}' ${what}`,
    path: [`in configuration '${path}'${where}`],
    fix,
    cause,
  });
}
