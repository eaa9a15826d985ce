import { EventEmitter } from 'node:events';
import type { JsonObject } from '../../api/config-service.js';
import { missingPackage } from './database-errors.js';
import { type ClientClass, serialClientOf } from './serial-client.js';
import { type Client, type Pool, SharedPool } from './shared-pool.js';

type PoolClass = new (options: object) => Pool;
type Connected = (error: unknown, client?: Client, release?: (error?: unknown) => void) => void;

/** What a connection is made into for whoever borrows it. */
export interface Borrower {
  readonly schema: string | undefined;
  readonly role: string | undefined;
  /** How long the server works at a query, in ms. */
  readonly queryTimeout: number;
  /** How long the server waits for the next query of a transaction, in ms. */
  readonly idleTransactionTimeout: number;
  /** What is said where there is no connection. */
  readonly away: (cause: unknown) => Error;
}

/** A pool that is shared by all who connect to the same database in the same way; the last one ends it. */
export interface PoolLease {
  readonly pool: SharedPool;
  readonly end: () => Promise<void>;
}

/** The connections of a backend to PostgreSQL. */
export class PostgresPools {
  readonly #pools = new Map<string, SharedPool>();

  /** Rejects with `MISSING_DATABASE_PACKAGE`. */
  async lease(pluginId: string, options: JsonObject): Promise<PoolLease> {
    const newPool = await loadPools(pluginId);
    const key = JSON.stringify(options);
    const pool = this.#pools.get(key) ?? new SharedPool(newPool(options));
    this.#pools.set(key, pool);
    pool.users += 1;
    return {
      pool,
      end: async () => {
        pool.users -= 1;
        if (pool.users > 0) return;
        this.#pools.delete(key);
        await pool.end();
      },
    };
  }
}

/** What TypeORM takes for `pg`: its pool lends out connections of `pool`, each made the borrower's own. */
export function driverOf(pool: SharedPool, borrowers: WeakMap<object, Borrower>, borrower: Borrower): object {
  return {
    Pool: class extends EventEmitter {
      connect(connected: Connected): void {
        borrow(pool, borrowers, borrower).then(
          client => connected(undefined, client, error => client.release(error ?? isUnsound(client))),
          (error: unknown) => connected(borrower.away(error)),
        );
      }

      end(ended: () => void): void {
        ended();
      }
    },
  };
}

/** Runs `work` as whoever has logged in: connections go from hand to hand, and could still be somebody's. */
export async function administer<T>(
  pool: SharedPool,
  borrowers: WeakMap<object, Borrower>,
  limits: Pick<Borrower, 'queryTimeout' | 'idleTransactionTimeout' | 'away'>,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await borrow(pool, borrowers, { ...limits, schema: undefined, role: undefined });
  try {
    return await work(client);
  } finally {
    client.release(isUnsound(client));
  }
}

async function borrow(pool: SharedPool, borrowers: WeakMap<object, Borrower>, borrower: Borrower): Promise<Client> {
  const client = await pool.connect();
  if (borrowers.get(client) === borrower) return client;
  borrowers.delete(client);
  // TypeORM does not listen yet, and an error that nobody listens to would end the process.
  const ignore = (): void => {};
  client.on('error', ignore);
  try {
    await client.query({ text: statementsFor(borrower), query_timeout: borrower.queryTimeout });
  } catch (error) {
    client.release(true);
    throw error;
  } finally {
    client.off('error', ignore);
  }
  borrowers.set(client, borrower);
  return client;
}

/** Nothing that the one before has set, locked, listened to or kept in temporary tables is there for the next. */
function statementsFor(borrower: Borrower): string {
  const { schema, role } = borrower;
  const cleanup = 'RESET ROLE; RESET ALL; SELECT pg_advisory_unlock_all(); UNLISTEN *; DISCARD TEMP';
  const become = role === undefined ? '' : `; SET ROLE ${quoted(role)}`;
  const look = schema === undefined ? '' : `; SET search_path TO ${quoted(schema)}`;
  return `${cleanup}${become}${look}; ${limitsOf(borrower)}`;
}

/** What makes the server end what takes too long. */
export function limitsOf({
  queryTimeout,
  idleTransactionTimeout,
}: Pick<Borrower, 'queryTimeout' | 'idleTransactionTimeout'>): string {
  return `SET statement_timeout TO ${queryTimeout}; SET idle_in_transaction_session_timeout TO ${idleTransactionTimeout}`;
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
