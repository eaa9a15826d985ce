import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';

/** What `backend.wire.*` says about calls between plugins. */
export interface WireSettings {
  /** How long a call may take at most, in ms. */
  readonly timeout: number;
  /** How many bytes of an answer are read as text. */
  readonly maxResponseSize: number;
}

/** Reads the settings, or throws a `ConfigError` that names the place of the first that is wrong. */
export function readWireSettings(config: Config): WireSettings {
  return {
    timeout: config.getOptionalDuration('backend.wire.timeout') || 60_000,
    maxResponseSize: sizeOf(config, 'backend.wire.maxResponseSize') ?? 16 * 1_024 * 1_024,
  };
}

function sizeOf(config: Config, key: string): number | undefined {
  const value = config.getOptionalNumber(key);
  if (value === undefined || (Number.isInteger(value) && value > 0)) return value;
  throw invalidSetting(config, key, `is ${value}, which is no number of bytes`, 'write a whole number above 0');
}
