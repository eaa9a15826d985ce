import { pause } from '../../util/pause.js';
import type { ConnectionFaults } from './connection-faults.js';
import { databaseFull, databaseLocked, unreachable } from './database-errors.js';

export interface SqlitePlace {
  readonly pluginId: string;
  readonly file: string;
  /** How long one waits for other processes, in ms. */
  readonly patience: number;
}

/** The longest time between two attempts, in ms. */
const interval = 10;

/**
 * Faults of a database in a file. SQLite itself waits for the lock of another process in the middle of a call, in which
 * nothing else of this process would go on; so it is told not to, and is asked again.
 */
export class SqliteFaults implements ConnectionFaults {
  readonly #place: SqlitePlace;
  /** What the driver has opened; `undefined` before. */
  readonly #connection: () => unknown;

  constructor(place: SqlitePlace, connection: () => unknown) {
    this.#place = place;
    this.#connection = connection;
  }

  async attempt<T>(send: () => Promise<T>): Promise<T> {
    const { pluginId, file, patience } = this.#place;
    const deadline = performance.now() + patience;
    for (;;) {
      try {
        return await send();
      } catch (error) {
        const code = codeOf(error);
        if (code === 'SQLITE_FULL') throw databaseFull(pluginId, file, error);
        if (/^SQLITE_(?:IOERR|CANTOPEN|READONLY)/.test(code)) throw unreachable(pluginId, file, error);
        if (!code.startsWith('SQLITE_BUSY')) throw error;
        if (performance.now() >= deadline) throw databaseLocked(pluginId, patience, error);
      }
      // Two that wait for each other do not keep in step.
      await pause(Math.ceil(Math.random() * interval));
    }
  }

  isInTransaction(): boolean {
    // sql.js does not tell.
    return (this.#connection() as { inTransaction?: boolean } | undefined)?.inTransaction ?? true;
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
