import type { Config } from '../../api/config-service.js';
import type { NeededPackage } from '../../api/needed-package.js';
import { isInMemory, type PluginDatabaseSettings, readDatabaseSettings } from './database-settings.js';

interface Askers {
  /** The plugins that ask for a database. */
  readonly plugins: readonly string[];
  /** Those that use one only where it outlives the process. */
  readonly lasting: readonly string[];
}

/** What the databases of plugins need, as `backend.database` says. Throws a `ConfigError`. */
export function databasePackages(config: Config, { plugins, lasting }: Askers): NeededPackage[] {
  const { base, plugins: own } = readDatabaseSettings(config);
  const settingsOf = (pluginId: string): PluginDatabaseSettings => own.get(pluginId) ?? base;
  const storing = lasting.filter(pluginId => !isInMemory(settingsOf(pluginId)));
  return [...new Set([...plugins, ...storing])].flatMap(pluginId => {
    const ownKey = `backend.database.plugin.${pluginId}.client`;
    const needed = { code: 'MISSING_DATABASE_PACKAGE', key: 'backend.database.client', pluginId };
    const drivers = driversOf(settingsOf(pluginId)).map(([purpose, ...anyOf]) => ({
      ...needed,
      ...(config.has(ownKey) && { key: ownKey }),
      purpose,
      anyOf,
    }));
    return [{ ...needed, purpose: 'maps classes to tables', anyOf: ['typeorm'] }, ...drivers];
  });
}

type Driver = readonly [purpose: string, ...anyOf: string[]];

function driversOf(settings: PluginDatabaseSettings): readonly Driver[] {
  const pg: Driver = ['speaks to PostgreSQL', 'pg'];
  switch (settings.client) {
    case 'pg':
      return [pg];
    case 'pglite':
      return [['is PGlite', '@electric-sql/pglite'], pg];
    case 'mysql2':
      return [['speaks to MySQL', 'mysql2']];
    case 'sqlite':
      return [['speaks to SQLite', 'libsql', 'better-sqlite3', ...(isInMemory(settings) ? ['sql.js'] : [])]];
  }
}
