import type { JsonObject } from '../../api/config-service.js';
import { pause } from '../../util/pause.js';
import { missingPackage } from './database-errors.js';
import { MysqlConnection, type MysqlLimits, type RawConnection } from './mysql-connection.js';

interface RawPool {
  getConnection(connected: (error: Error | null, connection?: RawConnection) => void): void;
  on(event: 'connection', listener: (connection: RawConnection) => void): void;
  end(ended: () => void): void;
}

export interface MysqlLibrary {
  createPool(options: object): RawPool;
}

/** How long connections may take to say goodbye, in ms. */
const endTimeout = 2_000;

/** Nobody's to change: objects are no SQL, a text is one statement, time is UTC, and no number loses digits. */
const fixed = {
  charset: 'utf8mb4',
  timezone: 'Z',
  stringifyObjects: true,
  multipleStatements: false,
  namedPlaceholders: false,
  supportBigNumbers: true,
  bigNumberStrings: true,
  flags: ['-LOCAL_FILES'],
  gracefulEnd: true,
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
  maxIdle: 2,
  idleTimeout: 10_000,
  connectAttributes: { program_name: 'backplane' },
};

/** Rejects with `MISSING_DATABASE_PACKAGE`. */
export async function loadMysql(pluginId: string): Promise<MysqlLibrary> {
  try {
    return (await import('mysql2')).default as unknown as MysqlLibrary;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw missingPackage(pluginId, 'MySQL', ['mysql2']);
  }
}

/** The connections of one plugin to MySQL or MariaDB. */
export class MysqlPool {
  readonly #pool: RawPool;
  readonly #limits: MysqlLimits;
  /** When each was made. */
  readonly #open = new Map<RawConnection, number>();
  #silentAt = -Infinity;

  constructor(library: MysqlLibrary, connection: JsonObject, limits: MysqlLimits) {
    this.#limits = limits;
    this.#pool = library.createPool({ ...connection, ...fixed, connectTimeout: limits.connectTimeout });
    this.#pool.on('connection', raw => {
      this.#open.set(raw, performance.now());
      raw.once('end', () => this.#open.delete(raw));
      // One that breaks while nobody uses it is replaced.
      raw.on('error', () => {});
      // Whatever is asked of it comes after this.
      raw.query({ sql: sessionOf(limits), timeout: limits.connectTimeout }, error => {
        if (error) raw.stream.destroy();
      });
    });
  }

  /** What TypeORM takes for `mysql2`. */
  get driver(): object {
    const getConnection = (connected: (error?: unknown, connection?: MysqlConnection) => void): void => {
      this.connect().then(connection => connected(undefined, connection), connected);
    };
    return { createPool: () => ({ getConnection, end: (ended: () => void) => ended() }) };
  }

  async connect(): Promise<MysqlConnection> {
    for (;;) {
      const raw = await this.#take();
      if ((this.#open.get(raw) ?? Infinity) > this.#silentAt) return this.#lend(raw);
      // Without a farewell, which nobody would hear.
      raw.stream.destroy();
      raw.destroy();
    }
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
    const connection = await this.connect();
    try {
      return (await connection.promise().query(sql, values))[0] as readonly unknown[];
    } finally {
      connection.release();
    }
  }

  /** Also where the server does not answer any more. */
  async end(): Promise<void> {
    const ended = new AbortController();
    this.#pool.end(() => ended.abort());
    await pause(endTimeout, ended.signal);
    for (const raw of this.#open.keys()) raw.stream.destroy();
  }

  /** The driver itself would wait for ever. */
  #take(): Promise<RawConnection> {
    const { connectTimeout } = this.#limits;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
        reject(Object.assign(new Error(`no connection was free in ${connectTimeout} ms`), { code: 'ETIMEDOUT' }));
      }, connectTimeout);
      this.#pool.getConnection((error, raw) => {
        clearTimeout(late);
        if (isLate) raw?.release();
        else if (raw) resolve(raw);
        else reject(error);
      });
    });
  }

  #lend(raw: RawConnection): MysqlConnection {
    // A connection has fallen silent: those that were made before are not used any more.
    return new MysqlConnection(raw, this.#limits, () => (this.#silentAt = performance.now()));
  }
}

/** How much later than we do the server ends a transaction that waits, in s: only where this process stands still. */
const idleGrace = 1;

/**
 * The same on every server: UTC; values that do not fit are refused; a backslash escapes, as the driver takes for
 * granted. What takes too long is given up by the server as well: MariaDB and MySQL each read their part.
 */
function sessionOf({ queryTimeout, idleTransactionTimeout }: MysqlLimits): string {
  const mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
  const milliseconds = Math.ceil(queryTimeout);
  const idle = Math.ceil(idleTransactionTimeout / 1_000) + idleGrace;
  return (
    `SET SESSION time_zone = '+00:00', sql_mode = '${mode}'` +
    ` /*M! , max_statement_time = ${milliseconds / 1000} */ /*M!100300 , idle_transaction_timeout = ${idle} */` +
    ` /*!50708 , max_execution_time = ${milliseconds} */`
  );
}
