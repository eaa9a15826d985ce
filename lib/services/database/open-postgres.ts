import type { DataSource, QueryRunner } from 'typeorm';
import { BackplaneError } from '../../errors/backplane-error.js';
import { pause } from '../../util/pause.js';
import { unreachable } from './database-errors.js';
import type { SettingsOf } from './database-settings.js';
import { loadTypeorm } from './load-typeorm.js';
import type { OpenDatabase, OpenRequest } from './open-database.js';
import { openDataSource } from './postgres-data-source.js';
import { administer, type Borrower, limitsOf, type PoolLease, type PostgresPools, quoted } from './postgres-pools.js';
import type { UnhurriedRunner } from './postgres-query-runner.js';
import { roleName } from './own-role.js';
import { explained, making, toMakeDatabase, toMakeRoles, toMakeSchema } from './postgres-rights.js';
import {
  accessOf,
  closeToOthers,
  ensureRole,
  longestRole,
  type Maker,
  type OwnRole,
  ownRoleOf,
} from './postgres-role.js';
import type { SharedPool } from './shared-pool.js';

type Settings = SettingsOf<'pg'>;

interface Surroundings {
  readonly pools: PostgresPools;
  /** Whose each connection was last. */
  readonly borrowers: WeakMap<object, Borrower>;
}

/** What is not as the connection says it. */
interface Own {
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
}

/** How long an instance waits before it asks again whether another one has done, in ms. */
const lockInterval = 100;

/** After which time a connection that is not used is asked whether it is there, in ms. */
const keepAliveDelay = 10_000;

/** Somebody else was first. */
const alreadyThere = new Set<unknown>(['42P04', '42P06', '23505']);

/** Opens the plugin's own database, or its schema in the one that all share, which is made where it is not there. */
export async function openPostgres(
  request: OpenRequest,
  settings: Settings,
  { pools, borrowers }: Surroundings,
): Promise<OpenDatabase> {
  const { division, prefix, connection, queryTimeout, idleTransactionTimeout } = settings;
  const { pluginId } = request;
  const typeorm = await loadTypeorm(pluginId);
  const name = `${prefix}${pluginId}`;
  const schema = division === 'schema' ? name : undefined;
  const options = optionsOf(settings);
  const database = division === 'schema' ? {} : { database: settings.database ?? name };
  const server = serverOf(connection);
  const named = settings.ensureExists ? undefined : database.database;
  const away = (cause: unknown): Error =>
    unreachable(pluginId, server, explained(cause, named ?? databaseOf(connection)));
  let lease: PoolLease | undefined;
  try {
    const own = database.database;
    const login = ownRoleOf(settings, own);
    if (settings.ensureExists && own !== undefined) {
      await ensure(pools, pluginId, options, pool => createDatabase(pool, own, { ...settings, login }));
    }
    lease = await pools.lease(pluginId, { ...options, ...aimedAt(options, { ...database, ...login }) });
    const { pool } = lease;
    const role =
      schema === undefined
        ? settings.role
        : await administer(pool, borrowers, { ...settings, away }, maker => roleFor(maker, schema, settings));
    const borrower = { schema, role, queryTimeout, idleTransactionTimeout, away };
    const dataSource = await openDataSource(typeorm, request, { pool, borrowers, borrower, server, queryTimeout });
    const { end } = lease;
    return {
      dataSource,
      isInMemory: false,
      // A database of its own is reached by no statement of others.
      ...(schema !== undefined && { access: await accessOf(dataSource, server) }),
      exclusively: work => pool.inTurn(() => withLock(dataSource, `backplane:${name}`, borrower, work)),
      close: async () => {
        await dataSource.destroy();
        await end();
      },
    };
  } catch (error) {
    await lease?.end();
    throw BackplaneError.is(error) ? error : away(error);
  }
}

/** What the connection text names is not the plugin's. */
function aimedAt(options: Settings['connection'], own: Own): Settings['connection'] {
  const { connectionString } = options;
  if (own.database === undefined || typeof connectionString !== 'string') return { ...own };
  const url = new URL(connectionString);
  url.pathname = `/${encodeURIComponent(own.database)}`;
  if (own.user !== undefined) url.username = encodeURIComponent(own.user);
  if (own.password !== undefined) url.password = encodeURIComponent(own.password);
  return { connectionString: url.href };
}

function optionsOf({ connection, poolMax, connectTimeout }: Settings): Settings['connection'] {
  return {
    application_name: 'backplane',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelay,
    ...connection,
    max: poolMax,
    connectionTimeoutMillis: connectTimeout,
  };
}

async function createDatabase(pool: SharedPool, name: string, settings: Settings & { login: Own }): Promise<void> {
  const { login, queryTimeout } = settings;
  const { user: role = settings.role, password } = login;
  if (role !== undefined && password !== undefined) await makeRole(pool, { role, password, queryTimeout });
  const known = { text: 'SELECT 1 FROM pg_database WHERE datname = $1', values: [name], query_timeout: queryTimeout };
  if ((await pool.query(known)).rows.length > 0) return;
  const owner = role === undefined ? '' : ` OWNER ${quoted(role)}`;
  const create = { text: `CREATE DATABASE ${quoted(name)}${owner}`, query_timeout: queryTimeout };
  await making(pool, () => pool.query(create), toMakeDatabase(name));
  if (password !== undefined) await closeToOthers(pool, name, queryTimeout);
}

/** The role that each connection becomes, and the schema that belongs to it. */
async function roleFor(maker: Maker, schema: string, settings: Settings): Promise<string | undefined> {
  const { ownRoles, ensureExists, queryTimeout } = settings;
  let { role } = settings;
  if (ownRoles) {
    const text = 'SELECT current_database() AS name';
    const [row] = (await maker.query({ text, query_timeout: queryTimeout })).rows as readonly { name: string }[];
    role = roleName(`${row!.name}.${schema}`, longestRole);
  }
  if (!ensureExists) return role;
  if (ownRoles && role !== undefined) await makeRole(maker, { role, queryTimeout });
  await createSchema(maker, schema, { ...settings, role });
  return role;
}

/** From the database that the connection names: `postgres` where it names none. */
async function ensure(
  pools: PostgresPools,
  pluginId: string,
  options: Settings['connection'],
  make: (pool: SharedPool) => Promise<void>,
): Promise<void> {
  const isNamed = 'connectionString' in options || 'database' in options;
  const lease = await pools.lease(pluginId, { ...options, ...(!isNamed && { database: 'postgres' }), max: 1 });
  try {
    await lease.pool.inTurn(() => make(lease.pool).catch(unlessThere));
  } finally {
    await lease.end();
  }
}

async function createSchema(maker: Maker, name: string, { role, queryTimeout }: Settings): Promise<void> {
  const known = { text: 'SELECT 1 FROM pg_namespace WHERE nspname = $1', values: [name], query_timeout: queryTimeout };
  if ((await maker.query(known)).rows.length > 0) return;
  const owner = role === undefined ? '' : ` AUTHORIZATION ${quoted(role)}`;
  const text = `CREATE SCHEMA IF NOT EXISTS ${quoted(name)}${owner}`;
  const create = (): Promise<unknown> => maker.query({ text, query_timeout: queryTimeout });
  await making(maker, create, toMakeSchema(name)).catch(unlessThere);
}

function makeRole(maker: Maker, own: OwnRole): Promise<void> {
  return making(maker, () => ensureRole(maker, own), toMakeRoles(own.role));
}

function unlessThere(error: unknown): void {
  if (!alreadyThere.has((error as { code?: unknown }).code)) throw error;
}

/** The lock ends with the connection, so an instance that was killed holds nobody up. */
async function withLock(
  dataSource: DataSource,
  name: string,
  limits: Pick<Borrower, 'queryTimeout' | 'idleTransactionTimeout'>,
  work: (runner: QueryRunner) => Promise<void>,
): Promise<void> {
  const runner = dataSource.createQueryRunner() as UnhurriedRunner;
  const ask = async (what: string): Promise<boolean> => {
    const [row] = (await runner.query(`SELECT ${what}(hashtextextended($1, 0)) AS done`, [name])) as {
      done: boolean;
    }[];
    return row!.done;
  };
  // A migration may take its time.
  runner.takeTime();
  try {
    await runner.query(limitsOf({ queryTimeout: 0, idleTransactionTimeout: 0 }));
    while (!(await ask('pg_try_advisory_lock'))) await pause(lockInterval);
    try {
      await work(runner);
    } finally {
      await ask('pg_advisory_unlock').catch(() => {});
      await runner.query(limitsOf(limits)).catch(() => {});
    }
  } finally {
    await runner.release();
  }
}

/** For people: without user or password. */
export function serverOf({ connectionString, host, port }: Settings['connection']): string {
  if (typeof connectionString === 'string') return new URL(connectionString).host;
  return `${typeof host === 'string' ? host : 'localhost'}:${typeof port === 'number' || typeof port === 'string' ? port : 5432}`;
}

/** The one that is logged in to where nothing else is said. */
function databaseOf({ connectionString, database, user }: Settings['connection']): string {
  if (typeof connectionString === 'string') {
    const { pathname, username } = new URL(connectionString);
    return decodeURIComponent(pathname.slice(1) || username);
  }
  return [database, user].find(name => typeof name === 'string') ?? 'postgres';
}
