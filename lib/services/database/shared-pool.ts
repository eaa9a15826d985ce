import type { Duplex } from 'node:stream';

/** What is used here of a connection of `pg`. */
export interface Client {
  query(sql: string | BoundedQuery): Promise<{ readonly rows: readonly unknown[] }>;
  release(destroy?: unknown): void;
  /** `I` outside of a transaction. */
  getTransactionStatus(): string | null;
  readonly readyForQuery: boolean;
  on(event: 'error', listener: () => void): void;
  off(event: 'error', listener: () => void): void;
  readonly connection: { readonly stream: Pick<Duplex, 'destroy'> };
}

/** In ms. */
interface BoundedQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly query_timeout: number;
}

/** What is used here of a pool of `pg`. */
export interface Pool {
  connect(): Promise<Client>;
  query: Client['query'];
  end(): Promise<void>;
  on(event: 'connect' | 'error', listener: (client: Client) => void): void;
}

/** Connections to one database that several plugins share. */
export class SharedPool {
  users = 0;
  readonly #pool: Pool;
  readonly #made = new WeakMap<Client, number>();
  /** Ends with the one that was opened last: what needs a second connection to open would wait for the others' first. */
  #opening: Promise<unknown> = Promise.resolve();
  #silentAt = -Infinity;

  constructor(pool: Pool) {
    this.#pool = pool;
    // An idle connection that breaks is replaced; without a listener it would end the process.
    pool.on('error', () => {});
    pool.on('connect', client => this.#made.set(client, performance.now()));
  }

  get query(): Pool['query'] {
    return query => this.#pool.query(query);
  }

  async connect(): Promise<Client> {
    for (;;) {
      const client = await this.#pool.connect();
      if (this.#made.get(client)! > this.#silentAt) return client;
      // Without a farewell, which nobody would hear.
      client.connection.stream.destroy();
      client.release(true);
    }
  }

  /** A connection has fallen silent: those that were made before are not used any more. */
  fallSilent(): void {
    this.#silentAt = performance.now();
  }

  /** Runs `work` when no other work of this pool is running. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#opening.then(work);
    this.#opening = turn.catch(() => {});
    return turn;
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}
