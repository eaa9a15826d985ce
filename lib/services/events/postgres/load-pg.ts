import type { JsonObject } from '../../../api/config-service.js';
import { missingEventsPackage } from '../events-errors.js';

/** What is used here of `pg`, which has no types. */
export interface Queryable {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Whoever asks knows what comes.
  query<R = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<{ readonly rows: R[] }>;
}

export interface Client extends Queryable {
  connect(): Promise<void>;
  end(): Promise<void>;
  on(event: 'notification', listener: (notification: { readonly payload?: string }) => void): void;
  on(event: 'error' | 'end', listener: () => void): void;
}

export interface PooledClient extends Queryable {
  release(destroy?: boolean): void;
  on(event: 'error', listener: () => void): void;
  off(event: 'error', listener: () => void): void;
}

export interface Pool extends Queryable {
  connect(): Promise<PooledClient>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

/**
 * A connection of the pool, until `release()`. Whoever works with it hears of its end from what fails; without a listener
 * that would end the process.
 */
export async function checkOut(
  pool: Pool,
): Promise<{ readonly client: PooledClient; readonly release: (isSound: boolean) => void }> {
  const client = await pool.connect();
  const ignore = (): void => {};
  client.on('error', ignore);
  return {
    client,
    release: isSound => {
      client.off('error', ignore);
      client.release(!isSound);
    },
  };
}

export interface Pg {
  readonly Pool: new (options: JsonObject) => Pool;
  readonly Client: new (options: JsonObject) => Client;
}

/** Rejects with `MISSING_EVENTS_PACKAGE`. */
export async function loadPg(): Promise<Pg> {
  try {
    // @ts-expect-error -- it has no types
    return (await import('pg')).default as Pg;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw missingEventsPackage('postgres', ['pg']);
  }
}
