import type { Config } from '../../api/config-service.js';
import { ConfigError } from '../../errors/config-error.js';

/** The error for the value at `path`: `what` is said of it, `fix` without its full stop. */
export function invalidConfig(config: Config, path: string, what: string, fix: string, cause?: unknown): ConfigError {
  const place = config.placeOf(path);
  return new ConfigError({
    code: 'INVALID_CONFIG',
    message: `Configuration key '${path}' ${what}`,
    path: [`in configuration key '${path}'${place ? ` (${place})` : ''}`],
    fix: `${fix}.`,
    ...(cause !== undefined && { cause }),
  });
}

/** A whole number that is not negative. */
export function readCount(config: Config, path: string): number | undefined {
  const value = config.getOptionalNumber(path);
  if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
    throw invalidConfig(config, path, `is ${value}`, 'write a whole number that is not negative');
  }
  return value;
}

/** One string, or a list of them. */
export function readStrings(config: Config, path: string): string[] | undefined {
  return Array.isArray(config.getOptional(path))
    ? config.getStringArray(path)
    : optional(config.getOptionalString(path));
}

function optional(value: string | undefined): string[] | undefined {
  return value === undefined ? undefined : [value];
}
