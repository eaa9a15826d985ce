import type { Config, JsonValue } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { ConfigError } from '../../errors/config-error.js';
import { closest } from '../../util/did-you-mean.js';
import { isObject } from '../../util/is-object.js';

export type ClientName = 'sqlite' | 'pg' | 'pglite' | 'mysql2';

/** What may be written for each. */
const clientNames: Readonly<Record<string, ClientName>> = {
  sqlite: 'sqlite',
  'better-sqlite3': 'sqlite',
  pg: 'pg',
  pglite: 'pglite',
  mysql2: 'mysql2',
  mysql: 'mysql2',
  mariadb: 'mysql2',
};

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
      throw invalidSetting(config, section, 'is no section', 'write keys below it');
    for (const key of this.#own) {
      const path = `${section}.${key}`;
      // Whoever lists all problems hides what it has been told of already.
      if (keys.has(key) || config.getOptional(path) === undefined) continue;
      const meant = closest(key, keys);
      const all = `write one of ${[...keys].toSorted().join(', ')}`;
      throw invalidSetting(
        config,
        path,
        'is not known',
        meant === undefined ? all : `did you mean '${meant}'? Otherwise ${all}`,
      );
    }
  }

  /** The whole path of `key`, as `pool.max`. */
  path(key: string): string {
    const isOwn = this.#section !== undefined && this.#own.has(key.split('.', 1)[0]!);
    return `${isOwn ? this.#section : 'backend.database'}.${key}`;
  }

  /** The same, for what is meant for one client: a plugin with another client than all others has its own keys only. */
  pathOfClient(key: string): string {
    return this.#hasOtherClient ? `${this.#section}.${key}` : this.path(key);
  }

  /** Whether the plugin has the key itself. */
  isOwn(key: string): boolean {
    return this.#own.has(key);
  }

  client(): ClientName {
    const path = this.path('client');
    const client = this.config.getOptionalString(path) ?? 'sqlite';
    if (Object.hasOwn(clientNames, client)) return clientNames[client]!;
    throw this.wrong('client', `is '${client}'`, `write 'sqlite', 'pg', 'pglite' or 'mysql2'`);
  }

  /** Of both where both are objects, unless the plugin uses another client than all others. */
  connection(): JsonValue | undefined {
    const base = this.config.getOptional('backend.database.connection');
    if (this.#section === undefined) return base;
    const own = this.#own.has('connection') ? this.config.getOptional(`${this.#section}.connection`) : undefined;
    if (this.#hasOtherClient || own === undefined) return this.#hasOtherClient ? own : base;
    return isObject(own) && isObject(base) ? { ...base, ...own } : own;
  }

  /** The database that the plugin's own settings name; the one that those of all name is where they begin. */
  ownDatabase(): string | undefined {
    const own = this.#own.has('connection') ? this.config.getOptional(`${this.#section}.connection`) : undefined;
    return isObject(own) && typeof own['database'] === 'string' ? own['database'] : undefined;
  }

  /** A folder, or `undefined` for memory. */
  directory(what: string): string | undefined {
    const connection = this.connection();
    const fix = `write ':memory:', or the folder of the files as { directory: ./data }`;
    if (connection === undefined || connection === ':memory:') return undefined;
    if (typeof connection === 'string' && connection !== '' && !connection.includes(':')) return connection;
    if (!isObject(connection)) throw this.wrong('connection', 'is no folder', fix);
    const { directory, ...others } = connection;
    const [other] = Object.keys(others);
    if (other !== undefined) throw this.wrong('connection', `has '${other}', which ${what} does not know`, fix);
    if (typeof directory !== 'string' || directory === '') throw this.wrong('connection', 'names no folder', fix);
    return directory;
  }

  get #hasOtherClient(): boolean {
    return this.#own.has('client') && this.client() !== new DatabaseReader(this.config).client();
  }

  duration(key: string, otherwise: number): number {
    return this.config.getOptionalDuration(this.path(key)) ?? otherwise;
  }

  wrong(key: string, what: string, fix: string): ConfigError {
    return invalidSetting(this.config, this.path(key), what, fix);
  }
}

/** What a plugin may have of its own. */
const keys = new Set(
  `client connection connectTimeout ensureExists ensureSchemaExists idleTransactionTimeout ownRoles pluginDivisionMode
  pool queryTimeout role skipMigrations synchronize`.split(/\s+/),
);
