import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { missingPackage } from './database-errors.js';
import { lockDirectory } from './pglite-lock.js';
import { type Pglite, PgliteSession } from './pglite-session.js';
import { loadPools } from './postgres-pools.js';
import { SharedPool } from './shared-pool.js';

interface Host {
  /** Whoever has its one connection has the session for itself. */
  readonly pool: SharedPool;
  readonly close: () => Promise<void>;
}

interface Shared {
  readonly host: Promise<Host>;
  users: number;
}

/** In ms. */
export interface PgliteLimits {
  /** How long somebody waits for the transactions of others. */
  readonly patience: number;
  /** How long a transaction may wait for its next query. */
  readonly idle: number;
}

export interface PgliteLease {
  readonly pool: SharedPool;
  readonly end: () => Promise<void>;
}

/** The PGlites of a backend: one for all plugins that keep their data in the same place. */
export class PgliteHosts {
  readonly #shared = new Map<string | undefined, Shared>();
  /** Ends when the one that was closed last has left its folder. */
  #closed: Promise<unknown> = Promise.resolve();

  /**
   * Opens it where nobody has, and closes it with the last that uses it; the limits are those of the plugin that was
   * first. Rejects with `MISSING_DATABASE_PACKAGE` or `DATABASE_IN_USE`.
   */
  async lease(pluginId: string, directory: string | undefined, limits: PgliteLimits): Promise<PgliteLease> {
    const shared = this.#shared.get(directory) ?? {
      host: this.#closed.then(() => openHost(pluginId, directory, limits)),
      users: 0,
    };
    this.#shared.set(directory, shared);
    shared.users += 1;
    try {
      const { pool } = await shared.host;
      return { pool, end: () => this.#leave(directory, shared) };
    } catch (error) {
      await this.#leave(directory, shared).catch(() => {});
      throw error;
    }
  }

  async #leave(directory: string | undefined, shared: Shared): Promise<void> {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#shared.delete(directory);
    const closing = shared.host.then(({ close }) => close());
    this.#closed = closing.catch(() => {});
    await closing;
  }
}

async function openHost(pluginId: string, directory: string | undefined, limits: PgliteLimits): Promise<Host> {
  const PGlite = await loadPglite(pluginId);
  const newPool = await loadPools(pluginId);
  const folder = directory === undefined ? undefined : join(directory, 'pglite');
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const unlock = folder === undefined ? async () => {} : await lockDirectory(pluginId, `${folder}.lock`);
  try {
    const pglite = await PGlite.create(folder);
    const session = new PgliteSession(pglite, limits.idle);
    const options = { max: 1, idleTimeoutMillis: 0, connectionTimeoutMillis: limits.patience, ...identity };
    const pool = new SharedPool(newPool({ ...options, stream: () => session.connect() }));
    const close = async (): Promise<void> => {
      await pool.end();
      await pglite.close();
      await unlock();
    };
    return { pool, close };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Said, so that nothing of it is taken from the environment. */
const identity = { host: 'pglite', port: 5432, user: 'postgres', database: 'postgres', password: 'none', ssl: false };

async function loadPglite(pluginId: string): Promise<{ create(directory?: string): Promise<Pglite> }> {
  try {
    return (await import('@electric-sql/pglite')).PGlite;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw missingPackage(pluginId, 'PGlite', ['@electric-sql/pglite pg']);
  }
}
