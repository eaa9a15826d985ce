import { atMost, pause } from '../../../util/pause.js';
import type { TransportSurroundings } from '../event-transport.js';
import { EventRows } from './event-rows.js';
import { checkOut, type Pg, type Pool, type PooledClient } from './load-pg.js';
import type { PostgresEventSettings } from './postgres-event-settings.js';
import { ensureSchema } from './postgres-schema.js';

const connectTimeout = 5_000;
const queryTimeout = 15_000;
const endTimeout = 1_000;
const longestWait = 2_000;

/** The pool of connections, and the tables, which are made as soon as there is a connection. */
export class PostgresConnection implements AsyncDisposable {
  readonly settings: PostgresEventSettings;
  /** Aborts when it is closed. */
  readonly closing: AbortSignal;
  readonly logger: TransportSurroundings['logger'];
  readonly #pool: Pool;
  readonly #end = new AbortController();
  #rows: EventRows | undefined;
  /** Resolves once the tables are there; rejects once it is closed before. */
  readonly ready: Promise<void>;

  constructor(pg: Pg, settings: PostgresEventSettings, logger: TransportSurroundings['logger']) {
    this.settings = settings;
    this.closing = this.#end.signal;
    this.logger = logger;
    this.#pool = new pg.Pool({
      application_name: 'backplane events',
      keepAlive: true,
      ...settings.connection,
      max: settings.poolMax,
      connectionTimeoutMillis: connectTimeout,
      query_timeout: queryTimeout,
    });
    // An idle connection that breaks is replaced; without a listener it would end the process.
    this.#pool.on('error', () => {});
    this.ready = this.again('The tables of events cannot be made', () => this.#prepare());
    this.ready.catch(() => {});
  }

  /** How events are written; known once it is ready. */
  get rows(): EventRows {
    return this.#rows!;
  }

  /** One statement, once the tables are there. */
  async query<R>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
    await this.ready;
    return (await this.#pool.query<R>(sql, values)).rows;
  }

  async transaction<T>(work: (client: PooledClient) => Promise<T>): Promise<T> {
    await this.ready;
    const { client, release } = await checkOut(this.#pool);
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      release(true);
      return result;
    } catch (error) {
      // Whatever state the connection is in ends with it.
      release(false);
      throw error;
    }
  }

  /** Tries until it works; rejects once this is closed. Says once that it does not. */
  async again<T>(what: string, work: () => Promise<T>): Promise<T> {
    let wait = 50;
    for (;;) {
      try {
        const result = await work();
        if (wait > 50) this.logger.info('PostgreSQL answers again, and events travel');
        return result;
      } catch (error) {
        if (this.closing.aborted) throw error;
        if (wait === 50) this.logger.warn(what, { error });
        await pause(wait * (0.5 + Math.random() / 2), this.closing);
        if (this.closing.aborted) throw error;
        wait = Math.min(longestWait, wait * 2);
      }
    }
  }

  async #prepare(): Promise<void> {
    await ensureSchema(this.#pool, this.settings.schema);
    const { rows } = await this.#pool.query<{ encoding: string }>(
      `SELECT current_setting('server_encoding') AS encoding`,
    );
    this.#rows = new EventRows(rows[0]!.encoding);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    // A server that does not answer is not waited for.
    await atMost(endTimeout, this.#pool.end());
  }
}
