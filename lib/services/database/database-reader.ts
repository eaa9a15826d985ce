import type { Config, JsonObject, JsonValue } from '../../api/config-service.js';
import { ConfigError } from '../../errors/config-error.js';

/** Reads keys of one plugin where it has them, otherwise those of all. */
export class DatabaseReader {
  readonly config: Config;
  readonly #own: ReadonlySet<string>;
  readonly #section: string | undefined;

  constructor(config: Config, section?: string) {
    this.config = config;
    this.#section = section;
    const value = section === undefined ? undefined : config.getOptional(section);
    this.#own = new Set(Object.keys(isObject(value) ? value : {}));
    if (section === undefined) return;
    if (value !== undefined && !isObject(value))
      throw wrongKey(config, section, 'is no section', 'write keys below it');
    const unknown = [...this.#own].find(key => !keys.has(key));
    if (unknown !== undefined) {
      const fix = `write one of ${[...keys].toSorted().join(', ')}`;
      throw wrongKey(config, `${section}.${unknown}`, 'is not known', fix);
    }
  }

  /** The whole path of `key`, as `pool.max`. */
  path(key: string): string {
    const isOwn = this.#section !== undefined && this.#own.has(key.split('.', 1)[0]!);
    return `${isOwn ? this.#section : 'backend.database'}.${key}`;
  }

  client(): 'sqlite' | 'pg' {
    const path = this.path('client');
    const client = this.config.getOptionalString(path) ?? 'sqlite';
    if (client === 'sqlite' || client === 'better-sqlite3') return 'sqlite';
    if (client === 'pg') return 'pg';
    throw this.wrong('client', `is '${client}'`, `write 'sqlite' or 'pg'`);
  }

  /** Of both where both are objects, unless the plugin uses another client than all others. */
  connection(): JsonValue | undefined {
    const base = this.config.getOptional('backend.database.connection');
    if (this.#section === undefined) return base;
    const own = this.#own.has('connection') ? this.config.getOptional(`${this.#section}.connection`) : undefined;
    const isOther = this.#own.has('client') && this.client() !== new DatabaseReader(this.config).client();
    if (isOther || own === undefined) return isOther ? own : base;
    return isObject(own) && isObject(base) ? { ...base, ...own } : own;
  }

  duration(key: string, otherwise: number): number {
    return this.config.getOptionalDuration(this.path(key)) ?? otherwise;
  }

  wrong(key: string, what: string, fix: string): ConfigError {
    return wrongKey(this.config, this.path(key), what, fix);
  }
}

/** What a plugin may have of its own. */
const keys = new Set(
  `client connection connectTimeout ensureExists ensureSchemaExists idleTransactionTimeout pluginDivisionMode pool
  queryTimeout role skipMigrations synchronize`.split(/\s+/),
);

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function wrongKey(config: Config, key: string, what: string, fix: string): ConfigError {
  const place = config.placeOf(key);
  return new ConfigError({
    code: 'INVALID_CONFIG',
    message: `Configuration key '${key}' ${what}`,
    path: [`in configuration key '${key}'${place === undefined ? '' : ` (${place})`}`],
    fix: `${fix}.`,
  });
}
