import { EventEmitter } from 'node:events';
import type { JsonObject } from '../../api/config-service.js';
import { pause } from '../../util/pause.js';
import { missingPackage } from './database-errors.js';

type Answered = (error: Error | null, rows?: unknown, fields?: unknown) => void;

/** What is used here of connections of `mysql2`. */
interface Raw {
  query(options: { sql: string; timeout: number; values?: unknown }, answered?: Answered): unknown;
  release(): void;
  destroy(): void;
  on(event: 'error', listener: () => void): void;
  once(event: 'end', listener: () => void): void;
  readonly stream: { destroy(): void };
}

interface RawPool {
  getConnection(connected: (error: Error | null, connection?: Raw) => void): void;
  on(event: 'connection', listener: (connection: Raw) => void): void;
  end(ended: () => void): void;
}

export interface MysqlLibrary {
  createPool(options: object): RawPool;
}

interface Limits {
  /** How long one waits for a connection, in ms. */
  readonly connectTimeout: number;
  /** How long a statement may take, in ms. */
  readonly queryTimeout: number;
}

/** How long connections may take to say goodbye, in ms. */
const endTimeout = 2_000;

/** Of the server's status after a statement. */
const inTransaction = 1;
const autocommit = 2;

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
  readonly #limits: Limits;
  readonly #open = new Set<Raw>();

  constructor(library: MysqlLibrary, connection: JsonObject, limits: Limits) {
    this.#limits = limits;
    this.#pool = library.createPool({ ...connection, ...fixed, connectTimeout: limits.connectTimeout });
    this.#pool.on('connection', raw => {
      this.#open.add(raw);
      raw.once('end', () => this.#open.delete(raw));
      // One that breaks while nobody uses it is replaced.
      raw.on('error', () => {});
      // Whatever is asked of it comes after this.
      raw.query({ sql: sessionOf(limits), timeout: limits.queryTimeout }, error => {
        if (error) raw.destroy();
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

  connect(): Promise<MysqlConnection> {
    const { connectTimeout, queryTimeout } = this.#limits;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
        reject(new Error(`No connection was free for ${connectTimeout} ms`));
      }, connectTimeout);
      this.#pool.getConnection((error, raw) => {
        clearTimeout(late);
        if (isLate) raw?.release();
        else if (raw) resolve(new MysqlConnection(raw, queryTimeout));
        else reject(error as Error);
      });
    });
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
    for (const raw of this.#open) raw.stream.destroy();
  }
}

/** One that is lent to somebody, as TypeORM knows those of `mysql2`. */
export class MysqlConnection extends EventEmitter {
  readonly #raw: Raw;
  readonly #timeout: number;
  #isUnsound = false;
  #isReleased = false;

  constructor(raw: Raw, timeout: number) {
    super();
    this.#raw = raw;
    this.#timeout = timeout;
  }

  promise(): { query(sql: string, values?: unknown): Promise<readonly [unknown, unknown]> } {
    return {
      query: (sql, values) =>
        new Promise((resolve, reject) => {
          this.#raw.query({ sql, values, timeout: this.#timeout }, (error, rows, fields) => {
            if (error) {
              reject(this.#broken(error));
            } else {
              this.#look(rows);
              resolve([rows, fields]);
            }
          });
        }),
    };
  }

  /** For streams. */
  query(sql: string, values?: unknown): unknown {
    return this.#raw.query({ sql, values, timeout: this.#timeout });
  }

  /** A transaction that was left open ends with its connection. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#isUnsound) this.#raw.destroy();
    else this.#raw.release();
  }

  /** The statement may still be running: whatever came after would wait for it. */
  #broken(error: Error): Error {
    if ((error as { code?: unknown }).code === 'PROTOCOL_SEQUENCE_TIMEOUT') {
      this.#isUnsound = true;
      this.#raw.stream.destroy();
    }
    return error;
  }

  #look(rows: unknown): void {
    // A procedure has several answers.
    const last = (Array.isArray(rows) ? rows.at(-1) : rows) as Partial<Answer> | undefined | null;
    if (typeof last?.serverStatus !== 'number' || typeof last.affectedRows !== 'number') return;
    const { serverStatus, stateChanges } = last;
    const hasMoved = typeof stateChanges?.schema === 'string';
    const isOpen = (serverStatus & inTransaction) !== 0 || (serverStatus & autocommit) === 0;
    this.#isUnsound = isOpen || hasMoved || this.#hasMoved;
    this.#hasMoved ||= hasMoved;
  }

  /** Whether it was made to use another database. */
  #hasMoved = false;
}

interface Answer {
  readonly serverStatus: number;
  readonly affectedRows: number;
  readonly stateChanges?: { readonly schema?: string | null } | null;
}

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
  maxIdle: 2,
  idleTimeout: 10_000,
  connectAttributes: { program_name: 'backplane' },
};

/**
 * The same on every server: UTC; values that do not fit are refused; a backslash escapes, as the driver takes for
 * granted. A statement that takes too long is given up by the server as well: MariaDB and MySQL each read their part.
 */
function sessionOf({ queryTimeout }: Limits): string {
  const mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
  const milliseconds = Math.ceil(queryTimeout);
  return (
    `SET SESSION time_zone = '+00:00', sql_mode = '${mode}'` +
    `/*M! , max_statement_time = ${milliseconds / 1000} */ /*!50708 , max_execution_time = ${milliseconds} */`
  );
}
