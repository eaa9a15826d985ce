import type { DataSource, QueryRunner } from 'typeorm';
import { BackplaneError } from '../../errors/backplane-error.js';
import { databaseFull, queryTooSlow, transactionLost, unreachable } from './database-errors.js';

/** What is used here of TypeORM's query runner. */
interface Runner {
  isTransactionActive: boolean;
  query(sql: string, ...args: unknown[]): Promise<unknown>;
}
type RunnerClass = new (driver: unknown, mode: string) => Runner;

interface Place {
  readonly pluginId: string;
  readonly server: string;
}

/** What MariaDB, and then MySQL, calls a statement that took too long; and what the driver does. */
const tooSlow = new Set<unknown>([1969, 3024, 'PROTOCOL_SEQUENCE_TIMEOUT']);
const full = new Set(['ER_DISK_FULL', 'ER_RECORD_FILE_FULL', 'ER_ERROR_ON_WRITE']);
const away = new Set(
  `PROTOCOL_CONNECTION_LOST ECONNREFUSED ECONNRESET ENOTFOUND EHOSTUNREACH ENETUNREACH EPIPE ETIMEDOUT
  ER_CON_COUNT_ERROR ER_TOO_MANY_USER_CONNECTIONS ER_SERVER_SHUTDOWN ER_CONNECTION_KILLED ER_BAD_DB_ERROR`.split(/\s+/),
);

/**
 * Tells apart what is wrong with the database from what is wrong with the statement. And where the server has undone a
 * transaction by itself, as with a deadlock, takes no more for it: each statement would be kept at once, for good.
 */
export function watchMysql(dataSource: DataSource, place: Place): void {
  const { driver } = dataSource;
  const Base = driver.createQueryRunner('master').constructor as unknown as RunnerClass;
  const Watched = watchedRunnerOf(Base, place);
  driver.createQueryRunner = mode => new Watched(driver, mode) as unknown as QueryRunner;
}

function watchedRunnerOf(Base: RunnerClass, { pluginId, server }: Place): RunnerClass {
  return class WatchedQueryRunner extends Base {
    /** Why nothing is left of the transaction. */
    #lost: unknown;

    override async query(sql: string, ...args: unknown[]): Promise<unknown> {
      if (this.#lost !== undefined) {
        // With the whole, its parts are undone as well.
        if (sql.startsWith('ROLLBACK TO SAVEPOINT ')) return undefined;
        if (sql !== 'ROLLBACK') throw transactionLost(this.#lost);
        this.#lost = undefined;
      }
      try {
        return await super.query(sql, ...args);
      } catch (error) {
        const { code } = causeOf(error);
        if (code === 'ER_LOCK_DEADLOCK' && this.isTransactionActive) this.#lost = error;
        throw this.#told(error);
      }
    }

    #told(error: unknown): unknown {
      const cause = causeOf(error);
      if (BackplaneError.is(cause)) return cause;
      const { code = '', errno, fatal } = cause;
      if (tooSlow.has(code) || tooSlow.has(errno)) return queryTooSlow(pluginId, cause);
      if (full.has(code)) return databaseFull(pluginId, server, cause);
      return fatal === true || away.has(code) ? unreachable(pluginId, server, cause) : error;
    }
  };
}

interface DriverError extends Error {
  /** Absent where the driver does not know the number. */
  readonly code?: string;
  readonly errno?: number;
  /** Whether it is the connection that is broken. */
  readonly fatal?: boolean;
}

function causeOf(error: unknown): DriverError {
  return ((error as { driverError?: unknown }).driverError ?? error) as DriverError;
}
