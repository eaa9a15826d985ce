import type { Config } from '../../api/config-service.js';
import { DatabaseReader, isObject, wrongKey } from './database-reader.js';
import { readPostgres, type PostgresSettings } from './postgres-settings.js';

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

export type PluginDatabaseSettings = SqliteSettings | (PostgresSettings & CommonSettings);

/** What `backend.database` says. */
export interface DatabaseSettings {
  readonly base: PluginDatabaseSettings;
  /** By plugin id, of those that have settings of their own. */
  readonly plugins: ReadonlyMap<string, PluginDatabaseSettings>;
}

/** Reads the settings, or throws a `ConfigError` that names the place of the first that is wrong. */
export function readDatabaseSettings(config: Config): DatabaseSettings {
  const path = 'backend.database.plugin';
  const plugins = config.getOptional(path);
  if (plugins !== undefined && !isObject(plugins)) {
    throw wrongKey(config, path, 'is no section', 'name plugins below it');
  }
  const own = Object.keys(plugins ?? {}).map(
    pluginId => [pluginId, readPlugin(new DatabaseReader(config, `${path}.${pluginId}`), pluginId)] as const,
  );
  return { base: readPlugin(new DatabaseReader(config)), plugins: new Map(own) };
}

function readPlugin(reader: DatabaseReader, pluginId?: string): PluginDatabaseSettings {
  const { config } = reader;
  const common = {
    skipMigrations: config.getOptionalBoolean(reader.path('skipMigrations')) ?? false,
    synchronize: config.getOptionalBoolean(reader.path('synchronize')),
    queryTimeout: reader.duration('queryTimeout', 15_000),
    idleTransactionTimeout: reader.duration('idleTransactionTimeout', 60_000),
  };
  const postgres = readPostgres(reader, pluginId);
  return postgres ? { ...postgres, ...common } : { client: 'sqlite', directory: readDirectory(reader), ...common };
}

function readDirectory(reader: DatabaseReader): string | undefined {
  const connection = reader.connection();
  const fix = `write ':memory:', or the folder of the files as { directory: ./data }`;
  if (connection === undefined || connection === ':memory:') return undefined;
  if (typeof connection === 'string' && connection !== '' && !connection.includes(':')) return connection;
  if (!isObject(connection)) throw reader.wrong('connection', 'is no folder', fix);
  const { directory, ...others } = connection;
  const [other] = Object.keys(others);
  if (other !== undefined) throw reader.wrong('connection', `has '${other}', which SQLite does not know`, fix);
  if (typeof directory !== 'string' || directory === '') throw reader.wrong('connection', 'names no folder', fix);
  return directory;
}
