import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../api/config-service.js';
import { addressOf, type Administrator, connectMysql, connectPostgres, testServers } from './test-server.js';

/** Databases that nobody else uses. */
export interface TestPlace {
  /** What `backend.database` is to say. */
  readonly config: JsonObject;
  /** Leaves nothing behind. */
  readonly remove: () => Promise<void>;
}

/** One kind of database, as far as this machine has it. */
export interface TestDatabaseKind {
  /** For people. */
  readonly name: string;
  readonly make: () => Promise<TestPlace>;
  readonly end: () => Promise<void>;
}

/** `directory` is where folders are made. */
type Find = (directory: string) => Promise<TestDatabaseKind>;

/** Each rejects where this machine does not have it. */
export const testDatabaseKinds = {
  'sqlite-memory': findMemory,
  'sqlite-files': findFiles,
  pglite: findPglite,
  'postgres-databases': () => findPostgres('PostgreSQL, a database for each plugin', databasesIn),
  'postgres-schemas': () => findPostgres('PostgreSQL, a schema for each plugin', schemasIn),
  mysql: findMysql,
} as const satisfies Record<string, Find>;

const nothing = async (): Promise<void> => {};
const memory: TestPlace = { config: { client: 'sqlite', connection: ':memory:' }, remove: nothing };
const newName = (): string => `backplane_test_${randomBytes(6).toString('hex')}`;

async function findMemory(): Promise<TestDatabaseKind> {
  // @ts-expect-error -- it has no types
  await loadSqlite().catch(() => import('sql.js'));
  return { name: 'SQLite in memory', make: async () => memory, end: nothing };
}

async function findFiles(within: string): Promise<TestDatabaseKind> {
  await loadSqlite();
  return { name: 'SQLite in files', make: () => makeFolder(within), end: nothing };
}

function newFolder(within: string): Promise<string> {
  return mkdtemp(join(within, 'backplane-test-'));
}

function loadSqlite(): Promise<unknown> {
  // @ts-expect-error -- it need not be installed
  return import('better-sqlite3').catch(() => import('libsql'));
}

async function makeFolder(within: string): Promise<TestPlace> {
  const directory = await newFolder(within);
  return {
    config: { client: 'sqlite', connection: { directory } },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Each is a copy of the first, which takes seconds to make. */
async function findPglite(within: string): Promise<TestDatabaseKind> {
  const { PGlite } = await import('@electric-sql/pglite');
  // @ts-expect-error -- it has no types
  await import('pg');
  let template: Promise<string> | undefined;
  const makeTemplate = async (): Promise<string> => {
    const folder = await newFolder(within);
    await (await PGlite.create(folder)).close();
    return folder;
  };
  return {
    name: 'PGlite',
    make: async () => {
      template ??= makeTemplate();
      const directory = await newFolder(within);
      await copyFolder(await template, join(directory, 'pglite'));
      return {
        config: { client: 'pglite', connection: { directory } },
        remove: () => rm(directory, { recursive: true, force: true }),
      };
    },
    end: async () => {
      if (template) await rm(await template, { recursive: true, force: true });
    },
  };
}

/** A thousand small files, several times as fast as by `cp()`, which looks at each of them again and again. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(entry => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)];
      return entry.isDirectory() ? copyFolder(source, target) : copyFile(source, target);
    }),
  );
}

async function findPostgres(
  name: string,
  make: (admin: Administrator, name: string) => Promise<JsonObject>,
): Promise<TestDatabaseKind> {
  const admin = await connectPostgres();
  return {
    name,
    make: async () => {
      const own = newName();
      return { config: await make(admin, own), remove: () => dropPostgres(admin, own) };
    },
    end: () => admin.end(),
  };
}

async function databasesIn(_: Administrator, name: string): Promise<JsonObject> {
  return { client: 'pg', connection: addressOf(testServers.postgres).href, prefix: `${name}_`, pool: { max: 4 } };
}

async function schemasIn(admin: Administrator, name: string): Promise<JsonObject> {
  await admin.query(`CREATE DATABASE ${name}`);
  const { href } = Object.assign(addressOf(testServers.postgres), { pathname: `/${name}` });
  return { client: 'pg', pluginDivisionMode: 'schema', connection: href };
}

async function dropPostgres(admin: Administrator, name: string): Promise<void> {
  const made = await admin.query('SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)', [name]);
  for (const row of made) await admin.query(`DROP DATABASE IF EXISTS "${String(row['name'])}" WITH (FORCE)`);
  const roles = await admin.query('SELECT rolname AS name FROM pg_roles WHERE starts_with(rolname, $1)', [
    `plugin:${name}`,
  ]);
  for (const row of roles) await admin.query(`DROP ROLE IF EXISTS "${String(row['name'])}"`);
}

async function findMysql(): Promise<TestDatabaseKind> {
  const admin = await connectMysql();
  const { href } = addressOf(testServers.mysql);
  return {
    name: 'MySQL',
    make: async () => {
      const name = newName();
      return {
        config: { client: 'mysql2', connection: href, prefix: `${name}_`, pool: { max: 4 } },
        remove: () => dropMysql(admin, name),
      };
    },
    end: () => admin.end(),
  };
}

async function dropMysql(admin: Administrator, name: string): Promise<void> {
  // Names of databases are patterns there.
  const users = await admin.query(
    `SELECT DISTINCT User AS user, Host AS host FROM mysql.db
    WHERE LEFT(REPLACE(Db, '\\\\', ''), ?) = ? AND LEFT(User, 7) = 'plugin:'`,
    [name.length, name],
  );
  for (const { user, host } of users) await admin.query('DROP USER IF EXISTS ?@?', [user, host]);
  const made = await admin.query(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, ?) = ?',
    [name.length, name],
  );
  for (const row of made) await admin.query(`DROP DATABASE IF EXISTS \`${String(row['name'])}\``);
}
