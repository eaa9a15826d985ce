import type { DataSource, QueryRunner } from 'typeorm';
import { queryTooSlow, databaseFull, transactionLost } from './database-errors.js';

/** What is used here of TypeORM's query runner, some of which its interface does not tell. */
interface Runner {
  isReleased: boolean;
  connect(): Promise<Client>;
  query(sql: string, ...args: unknown[]): Promise<unknown>;
  /** With an error where the connection is broken. */
  releasePostgresConnection(error?: unknown): Promise<void>;
}
type RunnerClass = new (driver: unknown, mode: string) => Runner;

interface Client {
  /** Gives up the query that is running, with the connection. */
  end(): Promise<void>;
}

export interface PostgresPlace {
  readonly pluginId: string;
  readonly server: string;
  /** What is told where the server is not there. */
  readonly away: (cause: unknown) => Error;
  /** How long a query may take, in ms. */
  readonly queryTimeout: number;
  /** Told that a connection no longer answers, as those may that were made before. */
  readonly onSilence: () => void;
}

export interface UnhurriedRunner extends QueryRunner {
  /** From now on queries may take any time. */
  takeTime(): void;
}

/** How much later than the server a query is given up here, in ms: only where the server has not done so. */
const grace = 500;

/** What the server says that is not about the query: it goes, comes, lets nobody in, or is a copy that is only read. */
const away = /^(?:08...|57P0[1-5]|53300|3D000|25006)$/;

/**
 * Makes every query of `dataSource` end in time, also where the server has fallen silent, and tells apart what is wrong
 * with the database from what is wrong with the query.
 */
export function watchQueries(dataSource: DataSource, place: PostgresPlace): void {
  const { driver } = dataSource;
  const Base = driver.createQueryRunner('master').constructor as unknown as RunnerClass;
  const Runner = watchedRunnerOf(Base, place);
  driver.createQueryRunner = mode => new Runner(driver, mode) as unknown as QueryRunner;
}

function watchedRunnerOf(Base: RunnerClass, place: PostgresPlace): RunnerClass {
  const { pluginId, server, away: gone, onSilence } = place;
  return class WatchedQueryRunner extends Base {
    #timeout = place.queryTimeout + grace;
    #waiting = 0;
    #silence: NodeJS.Timeout | undefined;
    /** Why the connection is no more. */
    #broken: unknown;

    takeTime(): void {
      this.#timeout = 0;
    }

    override async query(sql: string, ...args: unknown[]): Promise<unknown> {
      if (this.#broken !== undefined) throw this.#told(this.#broken);
      this.#listen(await this.connect());
      try {
        return await super.query(sql, ...args);
      } catch (error) {
        throw this.#told(error);
      } finally {
        this.#waiting -= 1;
        if (this.#waiting > 0) this.#silence?.refresh();
        else clearTimeout(this.#silence);
      }
    }

    /** TypeORM would say then that somebody has released it. */
    override async releasePostgresConnection(error?: unknown): Promise<void> {
      await super.releasePostgresConnection(error);
      if (error === undefined) return;
      this.#broken ??= error;
      this.isReleased = false;
    }

    /** One timer for all queries that wait: as long as one after the other is answered, nobody is silent. */
    #listen(client: Client): void {
      this.#waiting += 1;
      if (this.#waiting > 1 || this.#timeout === 0) return;
      this.#silence = setTimeout(() => this.#giveUp(client), this.#timeout);
    }

    #giveUp(client: Client): void {
      this.#silence = undefined;
      this.#broken = new SilentConnection(this.#timeout);
      onSilence();
      void client.end();
    }

    #told(error: unknown): unknown {
      const cause = this.#broken ?? error;
      if (cause instanceof SilentConnection) return queryTooSlow(pluginId, cause);
      const { code } = cause as { code?: unknown };
      if (code === '57014') return queryTooSlow(pluginId, cause);
      if (code === '53100') return databaseFull(pluginId, server, cause);
      if (code === '25P03') return transactionLost(cause);
      const isAway = cause === this.#broken || (typeof code === 'string' && away.test(code));
      return isAway ? gone(cause) : error;
    }
  };
}

class SilentConnection extends Error {
  override readonly name = 'SilentConnection';

  constructor(waited: number) {
    super(`no answer came in ${waited} ms, and the connection was given up`);
  }
}
