import { EventEmitter } from 'node:events';
import { transactionLost } from './database-errors.js';

type Answered = (error: Error | null, rows?: unknown, fields?: unknown) => void;

/** What is used here of connections of `mysql2`. */
export interface RawConnection {
  query(options: { sql: string; timeout?: number; values?: unknown }, answered?: Answered): unknown;
  release(): void;
  on(event: 'error', listener: () => void): void;
  once(event: 'end', listener: () => void): void;
  destroy(): void;
  readonly stream: { destroy(): void };
}

/** In ms. */
export interface MysqlLimits {
  /** How long one waits for a connection. */
  readonly connectTimeout: number;
  /** How long a statement may take. */
  readonly queryTimeout: number;
  /** How long a transaction may wait for its next statement. */
  readonly idleTransactionTimeout: number;
}

interface Answer {
  readonly serverStatus: number;
  readonly affectedRows: number;
  readonly stateChanges?: { readonly schema?: string | null } | null;
}

/** How much later than the server a statement is given up here, in ms: only where the server has not done so. */
const grace = 500;

/** Bits of the server's status after a statement. */
const inTransaction = 1;
const autocommit = 2;

/** A connection that is lent to somebody, as TypeORM knows those of `mysql2`. */
export class MysqlConnection extends EventEmitter {
  readonly #raw: RawConnection;
  readonly #idleTimeout: number;
  readonly #onSilence: () => void;
  #timeout: number;
  #running = 0;
  #isOpen = false;
  #isForeign = false;
  #isReleased = false;
  #idle: NodeJS.Timeout | undefined;
  #lost: Error | undefined;

  constructor(raw: RawConnection, limits: MysqlLimits, onSilence: () => void) {
    super();
    this.#raw = raw;
    this.#timeout = limits.queryTimeout + grace;
    this.#idleTimeout = limits.idleTransactionTimeout;
    this.#onSilence = onSilence;
  }

  promise(): { query(sql: string, values?: unknown): Promise<readonly [unknown, unknown]> } {
    return { query: (sql, values) => this.#ask(sql, values) };
  }

  /** For streams. */
  query(sql: string, values?: unknown): unknown {
    clearTimeout(this.#idle);
    return this.#raw.query({ sql, values });
  }

  /** From now on statements, and pauses between them, may take any time. The connection is for nobody else then. */
  async takeTime(): Promise<void> {
    this.#timeout = 0;
    this.#isForeign = true;
    await this.#ask(
      'SET SESSION wait_timeout = 28800 /*M! , max_statement_time = 0 */ /*M!100300 , idle_transaction_timeout = 0 */',
    );
  }

  /** A transaction that was left open ends with its connection; who has changed the database leaves it to nobody. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearTimeout(this.#idle);
    if (this.#isOpen || this.#isForeign || this.#running > 0) this.#raw.destroy();
    else this.#raw.release();
  }

  #ask(sql: string, values?: unknown): Promise<readonly [unknown, unknown]> {
    clearTimeout(this.#idle);
    if (this.#lost) return Promise.reject(this.#lost);
    this.#running += 1;
    return new Promise((resolve, reject) => {
      this.#raw.query({ sql, values, timeout: this.#timeout }, (error, rows, fields) => {
        this.#running -= 1;
        if (error) this.#giveUp(error);
        else this.#look(rows);
        this.#watch();
        if (error) reject(this.#lost ?? error);
        else resolve([rows, fields]);
      });
    });
  }

  /** The statement may still be running: whatever came after would wait for it. */
  #giveUp(error: Error): void {
    if ((error as { code?: unknown }).code !== 'PROTOCOL_SEQUENCE_TIMEOUT') return;
    this.#isForeign = true;
    this.#onSilence();
    this.#raw.stream.destroy();
  }

  #look(rows: unknown): void {
    // A procedure has several answers.
    const last = (Array.isArray(rows) ? rows.at(-1) : rows) as Partial<Answer> | undefined | null;
    if (typeof last?.serverStatus !== 'number' || typeof last.affectedRows !== 'number') return;
    const { serverStatus, stateChanges } = last;
    this.#isOpen = (serverStatus & inTransaction) !== 0 || (serverStatus & autocommit) === 0;
    if (typeof stateChanges?.schema === 'string') this.#isForeign = true;
  }

  #watch(): void {
    if (!this.#isOpen || this.#isReleased || this.#running > 0 || this.#timeout === 0) return;
    this.#idle = setTimeout(() => {
      this.#lost = transactionLost(new Error(`no statement came in ${this.#idleTimeout} ms`));
      this.#isForeign = true;
      this.#raw.stream.destroy();
    }, this.#idleTimeout);
  }
}
