import type { JsonObject } from '../../../api/config-service.js';
import { missingEventsPackage } from '../events-errors.js';

/** What is used here of `pg`, which has no types. */
export interface Queryable {
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
}

export interface Pool extends Queryable {
  connect(): Promise<PooledClient>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
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
