import { EventEmitter } from 'node:events';
import type { JsonObject } from '../../api/config-service.js';
import { missingPackage } from './database-errors.js';
import { type ClientClass, serialClientOf } from './serial-client.js';

/** What is used here of `pg`. */
interface Client {
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  release(destroy?: unknown): void;
  /** `I` outside of a transaction. */
  getTransactionStatus(): string | null;
  readonly readyForQuery: boolean;
}
export interface Pool {
  connect(): Promise<Client>;
  query: Client['query'];
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}
type PoolClass = new (options: object) => Pool;
type Connected = (error: unknown, client?: Client, release?: (error?: unknown) => void) => void;

/** What a connection is made into for whoever borrows it. */
export interface Borrower {
  readonly schema: string | undefined;
  readonly role: string | undefined;
}

interface Shared {
  readonly pool: Pool;
  users: number;
  /** Ends with the one that was opened last: what needs a second connection to open would wait for the others' first. */
  opening: Promise<unknown>;
}

/** A pool that is shared by all who connect to the same database in the same way; the last one ends it. */
export interface PoolLease {
  readonly pool: Pool;
  /** Runs `work` when no other work of this pool is running. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly end: () => Promise<void>;
}

/** The connections of a backend to PostgreSQL. */
export class PostgresPools {
  readonly #pools = new Map<string, Shared>();

  /** Rejects with `MISSING_DATABASE_PACKAGE`. */
  async lease(pluginId: string, options: JsonObject): Promise<PoolLease> {
    const newPool = await loadPools(pluginId);
    const key = JSON.stringify(options);
    const shared = this.#pools.get(key) ?? { pool: newPool(options), users: 0, opening: Promise.resolve() };
    this.#pools.set(key, shared);
    // An idle connection that breaks is replaced; without a listener it would end the process.
    if (shared.users === 0) shared.pool.on('error', () => {});
    shared.users += 1;
    return {
      pool: shared.pool,
      inTurn: work => {
        const turn = shared.opening.then(work);
        shared.opening = turn.catch(() => {});
        return turn;
      },
      end: async () => {
        shared.users -= 1;
        if (shared.users > 0) return;
        this.#pools.delete(key);
        await shared.pool.end();
      },
    };
  }
}

/** What TypeORM takes for `pg`: its pool lends out connections of `pool`, each made the borrower's own. */
export function driverOf(pool: Pool, borrowers: WeakMap<object, Borrower>, borrower: Borrower): object {
  return {
    Pool: class extends EventEmitter {
      connect(connected: Connected): void {
        borrow(pool, borrowers, borrower).then(
          client => connected(undefined, client, error => client.release(error ?? isUnsound(client))),
          connected,
        );
      }

      end(ended: () => void): void {
        ended();
      }
    },
  };
}

async function borrow(pool: Pool, borrowers: WeakMap<object, Borrower>, borrower: Borrower): Promise<Client> {
  const client = await pool.connect();
  if (borrowers.get(client) === borrower) return client;
  borrowers.delete(client);
  try {
    await client.query(statementsFor(borrower));
  } catch (error) {
    client.release(true);
    throw error;
  }
  borrowers.set(client, borrower);
  return client;
}

/** Nothing that the one before has set, locked, listened to or kept in temporary tables is there for the next. */
function statementsFor({ schema, role }: Borrower): string {
  const cleanup = 'RESET ROLE; RESET ALL; SELECT pg_advisory_unlock_all(); UNLISTEN *; DISCARD TEMP';
  const become = role === undefined ? '' : `; SET ROLE ${quoted(role)}`;
  return `${cleanup}${become}${schema === undefined ? '' : `; SET search_path TO ${quoted(schema)}`}`;
}

/** Whether a transaction was left open, or a query that took too long is still running. */
function isUnsound(client: Client): boolean {
  return client.getTransactionStatus() !== 'I' || !client.readyForQuery;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

interface Library {
  readonly Client: ClientClass;
  readonly Pool: PoolClass;
}

/** Makes pools as `pg` has them, of clients that take one query at a time. Rejects with `MISSING_DATABASE_PACKAGE`. */
export async function loadPools(pluginId: string): Promise<(options: object) => Pool> {
  try {
    // @ts-expect-error -- it has no types
    const { Client, Pool } = (await import('pg')).default as Library;
    const SerialClient = serialClientOf(Client);
    return options => new Pool({ Client: SerialClient, ...options });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw missingPackage(pluginId, 'PostgreSQL', ['pg']);
  }
}
