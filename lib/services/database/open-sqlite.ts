import { join, resolve } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import type { SqliteSettings } from './database-settings.js';
import { unreachable } from './database-errors.js';
import { loadTypeorm } from './load-typeorm.js';
import type { OpenDatabase, OpenRequest } from './open-database.js';
import { serialDataSource } from './serial-data-source.js';
import { loadSqlite } from './sqlite-library.js';
import type { CurrentScope } from './transaction-scope.js';

interface Surroundings {
  /** Where a relative folder begins. */
  readonly root: string;
  readonly current: CurrentScope;
}

/** How long SQLite waits for another process, in ms; it blocks this one meanwhile. */
const busyTimeout = 5_000;

/** Opens the plugin's own SQLite, a file of its own or memory. */
export async function openSqlite(
  { pluginId, entities }: OpenRequest,
  { directory, queryTimeout }: SqliteSettings,
  { root, current }: Surroundings,
): Promise<OpenDatabase> {
  const typeorm = await loadTypeorm(pluginId);
  const { type, driver } = await loadSqlite(pluginId, directory === undefined);
  const file = directory === undefined ? ':memory:' : join(resolve(root, directory), `${pluginId}.sqlite`);
  const ownOptions =
    type === 'sqljs'
      ? { type, driver }
      : { type, driver, database: file, timeout: busyTimeout, enableWAL: directory !== undefined };
  const options = { ...ownOptions, entities: [...entities] } as DataSourceOptions;
  const dataSource = serialDataSource(typeorm, options, { current, patience: queryTimeout });
  try {
    await dataSource.initialize();
  } catch (error) {
    throw unreachable(pluginId, file, error);
  }
  return {
    dataSource,
    isInMemory: directory === undefined,
    // Each migration is a transaction that begins by locking the file, and looks again at what is done.
    exclusively: async work => {
      const runner = dataSource.createQueryRunner();
      try {
        await work(runner);
      } finally {
        await runner.release();
      }
    },
    close: () => dataSource.destroy(),
  };
}
