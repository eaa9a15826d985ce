import type { DataSource, QueryRunner } from 'typeorm';
import { BackplaneError } from '../../errors/backplane-error.js';
import { pause } from '../../util/pause.js';
import { unreachable } from './database-errors.js';
import type { PluginDatabaseSettings } from './database-settings.js';
import { loadTypeorm } from './load-typeorm.js';
import type { OpenDatabase, OpenRequest } from './open-database.js';
import { type Borrower, driverOf, type Pool, type PoolLease, type PostgresPools, quoted } from './postgres-pools.js';

type Settings = Extract<PluginDatabaseSettings, { client: 'pg' }>;

interface Surroundings {
  readonly pools: PostgresPools;
  /** Whose each connection was last. */
  readonly borrowers: WeakMap<object, Borrower>;
}

/** How long an instance waits before it asks again whether another one has done, in ms. */
const lockInterval = 100;

/** Somebody else was first. */
const alreadyThere = new Set<unknown>(['42P04', '42P06', '23505']);

/** Opens the plugin's own database, or its schema in the one that all share, which is made where it is not there. */
export async function openPostgres(
  { pluginId, entities }: OpenRequest,
  settings: Settings,
  { pools, borrowers }: Surroundings,
): Promise<OpenDatabase> {
  const { division, prefix, role, connection } = settings;
  const { DataSource } = await loadTypeorm(pluginId);
  const name = `${prefix}${pluginId}`;
  const schema = division === 'schema' ? name : undefined;
  const options = optionsOf(settings);
  const database = division === 'schema' ? {} : { database: settings.database ?? name };
  const borrower = { schema, role };
  let lease: PoolLease | undefined;
  try {
    if (settings.ensureExists && database.database !== undefined) {
      await ensure(pools, pluginId, options, databaseStatements(database.database, role));
    }
    lease = await pools.lease(pluginId, { ...options, ...withoutDatabase(options, database) });
    const { pool, inTurn } = lease;
    if (settings.ensureExists && schema !== undefined) await createSchema(pool, schema, role);
    const dataSource = new DataSource({
      type: 'postgres',
      driver: driverOf(pool, borrowers, borrower),
      ...(schema !== undefined && { schema }),
      entities: [...entities],
      // What makes ids is part of PostgreSQL since version 13.
      installExtensions: false,
      uuidExtension: 'pgcrypto',
    });
    await dataSource.initialize();
    const { end } = lease;
    return {
      dataSource,
      isInMemory: false,
      exclusively: work => inTurn(() => withLock(dataSource, `backplane:${name}`, work)),
      close: async () => {
        await dataSource.destroy();
        await end();
      },
    };
  } catch (error) {
    await lease?.end();
    throw error instanceof BackplaneError ? error : unreachable(pluginId, serverOf(connection), error);
  }
}

/** A database that the connection text names is not the plugin's. */
function withoutDatabase(options: Settings['connection'], database: { database?: string }): Settings['connection'] {
  const { connectionString } = options;
  if (database.database === undefined || typeof connectionString !== 'string') return database;
  const url = new URL(connectionString);
  url.pathname = `/${encodeURIComponent(database.database)}`;
  return { connectionString: url.href };
}

function optionsOf({ connection, poolMax, connectTimeout, queryTimeout }: Settings): Settings['connection'] {
  return {
    application_name: 'backplane',
    keepAlive: true,
    ...connection,
    max: poolMax,
    connectionTimeoutMillis: connectTimeout,
    query_timeout: queryTimeout,
  };
}

function databaseStatements(name: string, role: string | undefined): (pool: Pool) => Promise<void> {
  return async pool => {
    const { rows } = await pool.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rows.length > 0) return;
    await pool.query(`CREATE DATABASE ${quoted(name)}${role === undefined ? '' : ` OWNER ${quoted(role)}`}`);
  };
}

/** From the database that the connection names: `postgres` where it names none. */
async function ensure(
  pools: PostgresPools,
  pluginId: string,
  options: Settings['connection'],
  make: (pool: Pool) => Promise<void>,
): Promise<void> {
  const isNamed = 'connectionString' in options || 'database' in options;
  const lease = await pools.lease(pluginId, { ...options, ...(!isNamed && { database: 'postgres' }), max: 1 });
  try {
    await lease.inTurn(() => make(lease.pool).catch(unlessThere));
  } finally {
    await lease.end();
  }
}

async function createSchema(pool: Pool, schema: string, role: string | undefined): Promise<void> {
  const { rows } = await pool.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rows.length > 0) return;
  const owner = role === undefined ? '' : ` AUTHORIZATION ${quoted(role)}`;
  await pool.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}${owner}`).catch(unlessThere);
}

function unlessThere(error: unknown): void {
  if (!alreadyThere.has((error as { code?: unknown }).code)) throw error;
}

/** The lock ends with the connection, so an instance that was killed holds nobody up. */
async function withLock(
  dataSource: DataSource,
  name: string,
  work: (runner: QueryRunner) => Promise<void>,
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const ask = async (what: string): Promise<boolean> => {
    const [row] = (await runner.query(`SELECT ${what}(hashtextextended($1, 0)) AS done`, [name])) as {
      done: boolean;
    }[];
    return row!.done;
  };
  try {
    while (!(await ask('pg_try_advisory_lock'))) await pause(lockInterval);
    try {
      await work(runner);
    } finally {
      await ask('pg_advisory_unlock').catch(() => {});
    }
  } finally {
    await runner.release();
  }
}

/** For people: without user or password. */
function serverOf({ connectionString, host, port }: Settings['connection']): string {
  if (typeof connectionString === 'string') return new URL(connectionString).host;
  return `${typeof host === 'string' ? host : 'localhost'}:${typeof port === 'number' || typeof port === 'string' ? port : 5432}`;
}
