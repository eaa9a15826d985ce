import type { PluginDatabaseSettings } from './database-settings.js';
import { mysqlServer } from './open-mysql.js';
import { serverOf } from './open-postgres.js';

/** Where a plugin has its tables; `undefined` where its id makes sure that nobody else has. Without user or password. */
export function databasePlace(settings: PluginDatabaseSettings, pluginId: string): string | undefined {
  const { client } = settings;
  if (client !== 'pg' && client !== 'mysql2') return undefined;
  const name = `${settings.prefix}${pluginId}`;
  const { connection } = settings;
  // Some servers have no capitals.
  if (client === 'mysql2') return `${mysqlServer(connection)}/${(settings.database ?? name).toLowerCase()}`;
  if (settings.division === 'database') return `${serverOf(connection)}/${settings.database ?? name}/public`;
  const { connectionString, database } = connection;
  const shared = typeof connectionString === 'string' ? new URL(connectionString).pathname.slice(1) : database;
  return `${serverOf(connection)}/${typeof shared === 'string' ? shared : ''}/${name}`;
}
