import { Service } from '../../decorators/service.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/**
 * Reads configuration by dotted path, as `backend.listen.port`.
 *
 * The getters without `Optional` throw a `ConfigError` with code `MISSING_CONFIG` where there is no value; all of them
 * throw `INVALID_CONFIG` where the value has another type, naming file and line. Numbers may be written as strings;
 * booleans as `true/false`, `yes/no`, `y/n`, `on/off`, `1/0`. An empty string is not a string.
 */
export interface Config {
  has(path: string): boolean;
  keys(): string[];
  get(path?: string): JsonValue;
  getOptional(path?: string): JsonValue | undefined;
  getString(path: string): string;
  getOptionalString(path: string): string | undefined;
  getNumber(path: string): number;
  getOptionalNumber(path: string): number | undefined;
  getBoolean(path: string): boolean;
  getOptionalBoolean(path: string): boolean | undefined;
  getStringArray(path: string): string[];
  getOptionalStringArray(path: string): string[] | undefined;
  /** A live view of the section: it follows the configuration when that is reloaded. */
  getConfig(path: string): Config;
  getOptionalConfig(path: string): Config | undefined;
  getConfigArray(path: string): Config[];
  getOptionalConfigArray(path: string): Config[] | undefined;
  /** In milliseconds. Reads `30s`, `2 days`, ISO 8601 (`PT5M`), a number of ms, or `{ minutes: 5 }`. */
  getDuration(path: string): number;
  getOptionalDuration(path: string): number | undefined;
  /** Where the value at `path` comes from, as `app-config.yaml:12:5` or `environment APP_CONFIG_backend_listen`. */
  placeOf(path: string): string | undefined;
}

/**
 * The configuration of the backend, merged from its sources, later ones winning.
 *
 * A root service sees all of it. A plugin sees its own key, `<pluginId>`, the keys its `config` option names, and what
 * everybody may know (`app`, `organization`, `backend.baseUrl`); other keys read as absent.
 */
@Service({ id: 'core.root-config', scope: 'root' })
export abstract class RootConfigService implements Config {
  abstract has(path: string): boolean;
  abstract keys(): string[];
  abstract get(path?: string): JsonValue;
  abstract getOptional(path?: string): JsonValue | undefined;
  abstract getString(path: string): string;
  abstract getOptionalString(path: string): string | undefined;
  abstract getNumber(path: string): number;
  abstract getOptionalNumber(path: string): number | undefined;
  abstract getBoolean(path: string): boolean;
  abstract getOptionalBoolean(path: string): boolean | undefined;
  abstract getStringArray(path: string): string[];
  abstract getOptionalStringArray(path: string): string[] | undefined;
  abstract getConfig(path: string): Config;
  abstract getOptionalConfig(path: string): Config | undefined;
  abstract getConfigArray(path: string): Config[];
  abstract getOptionalConfigArray(path: string): Config[] | undefined;
  abstract getDuration(path: string): number;
  abstract getOptionalDuration(path: string): number | undefined;
  abstract placeOf(path: string): string | undefined;
  /** Calls `listener` after a reload that changed something this reader can see. A listener that throws is reported. */
  abstract subscribe(listener: () => void): { unsubscribe(): void };
}
