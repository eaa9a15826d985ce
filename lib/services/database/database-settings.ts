import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import { isObject } from '../../util/is-object.js';
import { DatabaseReader } from './database-reader.js';
import { type MysqlSettings, readMysql } from './mysql-settings.js';
import { type PostgresSettings, readPostgres } from './postgres-settings.js';
import { type PgliteSettings, readPglite } from './pglite-settings.js';

interface CommonSettings {
  readonly skipMigrations: boolean;
  /** Whether the tables of a plugin without migrations are made from its entities. Absent: in memory only. */
  readonly synchronize: boolean | undefined;
  /** How long a query, or the wait for somebody else's transaction, may take, in ms. */
  readonly queryTimeout: number;
  /** How long a transaction may wait for its next query, in ms. */
  readonly idleTransactionTimeout: number;
}

export interface SqliteSettings extends CommonSettings {
  readonly client: 'sqlite';
  /** Where the files are; absent: in memory. */
  readonly directory: string | undefined;
}

export type PluginDatabaseSettings =
  SqliteSettings | ((PostgresSettings | PgliteSettings | MysqlSettings) & CommonSettings);

/** Those of one client. */
export type SettingsOf<C extends PluginDatabaseSettings['client']> = Extract<PluginDatabaseSettings, { client: C }>;

/** What `backend.database` says. */
export interface DatabaseSettings {
  readonly base: PluginDatabaseSettings;
  /** By plugin id, of those that have settings of their own. */
  readonly plugins: ReadonlyMap<string, PluginDatabaseSettings>;
}

/** Whether nothing of it outlives the process. */
export const isInMemory = (settings: PluginDatabaseSettings): boolean =>
  'directory' in settings && settings.directory === undefined;

const pluginsPath = 'backend.database.plugin';

/** Reads the settings, or throws a `ConfigError` that names the place of the first that is wrong. */
export function readDatabaseSettings(config: Config): DatabaseSettings {
  const plugins = config.getOptional(pluginsPath);
  if (plugins !== undefined && !isObject(plugins)) {
    throw invalidSetting(config, pluginsPath, 'is no section', 'name plugins below it');
  }
  const own = Object.keys(plugins ?? {}).map(pluginId => [pluginId, readPluginDatabase(config, pluginId)] as const);
  return { base: read(new DatabaseReader(config)), plugins: new Map(own) };
}

/** Those of one plugin, whether or not it has any of its own. Throws as `readDatabaseSettings` does. */
export function readPluginDatabase(config: Config, pluginId: string): PluginDatabaseSettings {
  return read(new DatabaseReader(config, `${pluginsPath}.${pluginId}`), pluginId);
}

function read(reader: DatabaseReader, pluginId?: string): PluginDatabaseSettings {
  const { config } = reader;
  const common = {
    skipMigrations: config.getOptionalBoolean(reader.path('skipMigrations')) ?? false,
    synchronize: config.getOptionalBoolean(reader.path('synchronize')),
    queryTimeout: reader.duration('queryTimeout', 15_000),
    idleTransactionTimeout: reader.duration('idleTransactionTimeout', 60_000),
  };
  const client = reader.client();
  const postgres = readPostgres(reader, pluginId);
  if (postgres) return { ...postgres, ...common };
  if (client === 'pglite') return { ...readPglite(reader, pluginId), ...common };
  if (client === 'mysql2') return { ...readMysql(reader, pluginId), ...common };
  return { client: 'sqlite', directory: reader.directory('SQLite'), ...common };
}
