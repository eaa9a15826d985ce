import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../api/config-service.js';
import { databaseBusy, missingPackage } from './database-errors.js';
import { lockDirectory } from './pglite-lock.js';
import { type Pglite, PgliteSession } from './pglite-session.js';
import { loadPools, type Pool, type PoolLease } from './postgres-pools.js';

interface Host {
  readonly pool: Pool;
  readonly close: () => Promise<void>;
}

interface Shared {
  readonly host: Promise<Host>;
  users: number;
  /** Ends with the work that was given last. */
  turn: Promise<unknown>;
}

/** The PGlites of a backend: one for all plugins that keep their data in the same place. */
export class PgliteHosts {
  readonly #shared = new Map<string, Shared>();
  /** Ends when the one that was closed last has left its folder. */
  #closed: Promise<unknown> = Promise.resolve();

  /**
   * Opens it where nobody has, and closes it with the last that uses it. `patience` is how long somebody waits for the
   * transactions of others, in ms.
   */
  async lease(pluginId: string, directory: string | undefined, patience: number): Promise<PoolLease> {
    const key = JSON.stringify([directory, patience]);
    const existing = this.#shared.get(directory ?? '');
    const host = existing?.host ?? this.#closed.then(() => openHost(pluginId, directory, patience));
    const shared: Shared = existing ?? { host, users: 0, turn: Promise.resolve() };
    void key;
    this.#shared.set(directory ?? '', shared);
    shared.users += 1;
    const end = async (): Promise<void> => {
      shared.users -= 1;
      if (shared.users > 0) return;
      this.#shared.delete(directory ?? '');
      const closing = host.then(({ close }) => close());
      this.#closed = closing.catch(() => {});
      await closing;
    };
    try {
      const { pool } = await host;
      return {
        pool,
        inTurn: work => {
          const turn = shared.turn.then(work);
          shared.turn = turn.catch(() => {});
          return turn;
        },
        end,
      };
    } catch (error) {
      await end().catch(() => {});
      throw error;
    }
  }
}

async function openHost(pluginId: string, directory: string | undefined, patience: number): Promise<Host> {
  const PGlite = await loadPglite(pluginId);
  const newPool = await loadPools(pluginId);
  const folder = directory === undefined ? undefined : join(directory, 'pglite');
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const unlock = folder === undefined ? async () => {} : await lockDirectory(pluginId, `${folder}.lock`);
  try {
    const pglite = await PGlite.create(folder);
    const session = new PgliteSession(pglite);
    const pool = newPool(optionsOf(session, patience));
    pool.on('error', () => {});
    return {
      pool: patient(pool, patience),
      close: async () => {
        await pool.end();
        await pglite.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Whoever has the one connection has the session for itself; the others wait. */
function optionsOf(session: PgliteSession, patience: number): JsonObject {
  const options = {
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: patience,
    stream: () => session.connect(),
    host: 'pglite',
    user: 'postgres',
    database: 'postgres',
    password: '',
    ssl: false,
  };
  return options as unknown as JsonObject;
}

/** Says why nobody's turn came. */
function patient(pool: Pool, patience: number): Pool {
  const because = (error: Error): never => {
    throw error.message.startsWith('timeout exceeded') ? databaseBusy(patience) : error;
  };
  return {
    connect: () => pool.connect().catch(because),
    query: (sql, values) => pool.query(sql, values).catch(because),
    end: () => pool.end(),
    on: (event, listener) => pool.on(event, listener),
  };
}

async function loadPglite(pluginId: string): Promise<{ create(directory?: string): Promise<Pglite> }> {
  try {
    return (await import('@electric-sql/pglite')).PGlite;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw missingPackage(pluginId, 'PGlite', ['@electric-sql/pglite pg']);
  }
}
