import { join, resolve } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import type { SqliteSettings } from './database-settings.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { unreachable } from './database-errors.js';
import { loadTypeorm } from './load-typeorm.js';
import type { OpenDatabase, OpenRequest } from './open-database.js';
import { serialDataSource } from './serial-data-source.js';
import { SqliteFaults } from './sqlite-faults.js';
import type { SqliteLibraries } from './sqlite-library.js';
import type { CurrentScope } from './transaction-scope.js';

interface Surroundings {
  /** Where a relative folder begins. */
  readonly root: string;
  readonly current: CurrentScope;
  readonly libraries: SqliteLibraries;
}

/** What is used here of the library, before TypeORM uses it. */
interface RawConnection {
  pragma(text: string): unknown;
  close(): void;
}

/** Opens the plugin's own SQLite, a file of its own or memory. */
export async function openSqlite(
  { pluginId, entities }: OpenRequest,
  { directory, queryTimeout: patience, idleTransactionTimeout: idle }: SqliteSettings,
  { root, current, libraries }: Surroundings,
): Promise<OpenDatabase> {
  const typeorm = await loadTypeorm(pluginId);
  const { type, driver } = await libraries.load(pluginId, directory === undefined);
  const file = directory === undefined ? ':memory:' : join(resolve(root, directory), `${pluginId}.sqlite`);
  const connection = (): unknown => (dataSource.driver as { databaseConnection?: unknown }).databaseConnection;
  const faults = new SqliteFaults({ pluginId, file, patience }, connection);
  const prepareDatabase = directory === undefined ? undefined : (raw: RawConnection) => writeAhead(raw, faults);
  const ownOptions =
    type === 'sqljs' ? { type, driver } : { type, driver, database: file, timeout: 0, prepareDatabase };
  const options = { ...ownOptions, entities: [...entities] } as DataSourceOptions;
  const dataSource = serialDataSource(typeorm, options, { current, limits: { patience, idle }, faults });
  try {
    await dataSource.initialize();
  } catch (error) {
    throw BackplaneError.is(error) ? error : unreachable(pluginId, file, error);
  }
  return {
    dataSource,
    isInMemory: directory === undefined,
    turn: patience,
    // Each migration is a transaction that begins by locking the file, and looks again at what is done.
    exclusively: async work => {
      const runner = dataSource.createQueryRunner();
      try {
        await work(runner);
      } finally {
        await runner.release();
      }
    },
    close: async () => {
      if (directory !== undefined) moveIntoFile(connection() as RawConnection);
      await dataSource.destroy();
    },
  };
}

/** Readers and a writer do not hinder each other then. Whoever is first changes the file, and others wait for that. */
async function writeAhead(raw: RawConnection, faults: SqliteFaults): Promise<void> {
  try {
    await faults.attempt(async () => raw.pragma('journal_mode = WAL'));
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** libsql closes a file only once its statements are collected, and would leave beside it what was written last. */
function moveIntoFile(raw: RawConnection): void {
  try {
    raw.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // Where there is no room, or somebody has left a transaction open, it is read from there.
  }
}
