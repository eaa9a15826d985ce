import type { DataSource } from 'typeorm';
import type { OpenRequest } from './open-database.js';
import { type Borrower, driverOf } from './postgres-pools.js';
import { watchQueries } from './postgres-query-runner.js';
import type { SharedPool } from './shared-pool.js';

interface Lent {
  readonly pool: SharedPool;
  readonly borrowers: WeakMap<object, Borrower>;
  /** What its connections are made into. */
  readonly borrower: Borrower;
  readonly server: string;
  /** How long a query may take, in ms, whatever the server itself keeps to. */
  readonly queryTimeout: number;
}

/** The data source of a plugin, connected by what it borrows of a pool. */
export async function openDataSource(
  typeorm: typeof import('typeorm'),
  { pluginId, entities }: OpenRequest,
  { pool, borrowers, borrower, server, queryTimeout }: Lent,
): Promise<DataSource> {
  const { schema, away } = borrower;
  const dataSource = new typeorm.DataSource({
    type: 'postgres',
    driver: driverOf(pool, borrowers, borrower),
    ...(schema !== undefined && { schema }),
    entities: [...entities],
    // What makes ids is part of PostgreSQL since version 13.
    installExtensions: false,
    uuidExtension: 'pgcrypto',
  });
  watchQueries(dataSource, { pluginId, server, queryTimeout, away, onSilence: () => pool.fallSilent() });
  return dataSource.initialize();
}
