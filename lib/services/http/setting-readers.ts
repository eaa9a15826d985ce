import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';

/** A whole number that is not negative. */
export function readCount(config: Config, path: string): number | undefined {
  const value = config.getOptionalNumber(path);
  if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
    throw invalidSetting(config, path, `is ${value}`, 'write a whole number that is not negative');
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
