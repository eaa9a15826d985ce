import { createHash } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import type { JsonObject } from '../../api/config-service.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { pause } from '../../util/pause.js';
import { unreachable } from './database-errors.js';
import type { SettingsOf } from './database-settings.js';
import { loadTypeorm } from './load-typeorm.js';
import { ensureMysql } from './ensure-mysql.js';
import type { MysqlConnection } from './mysql-connection.js';
import { loadMysql, MysqlPool } from './mysql-pool.js';
import { explained } from './mysql-rights.js';
import { watchMysql } from './mysql-query-runner.js';
import type { Access, OpenDatabase, OpenRequest } from './open-database.js';

type Settings = SettingsOf<'mysql2'>;

/** How long an instance waits before it asks again whether another one has done, in ms. */
const lockInterval = 100;

/** Opens the plugin's own database on MySQL or MariaDB, which is made where it is not there. */
export async function openMysql({ pluginId, entities }: OpenRequest, settings: Settings): Promise<OpenDatabase> {
  const { prefix, connection, poolMax } = settings;
  const { DataSource } = await loadTypeorm(pluginId);
  const library = await loadMysql(pluginId);
  const database = settings.database ?? `${prefix}${pluginId}`;
  const server = mysqlServer(connection);
  let pool: MysqlPool | undefined;
  try {
    const login = await ensureMysql(library, database, settings);
    const options = { ...connection, ...login, database, connectionLimit: poolMax };
    pool = new MysqlPool(library, options, settings);
    const { version, access } = await introduce(pool, server);
    const dataSource = new DataSource({
      type: version.includes('MariaDB') ? 'mariadb' : 'mysql',
      driver: pool.driver,
      database,
      entities: [...entities],
    });
    watchMysql(dataSource, { pluginId, server });
    await dataSource.initialize();
    const opened = pool;
    return {
      dataSource,
      isInMemory: false,
      commitsTables: true,
      access,
      exclusively: work => withLock(dataSource, database, work),
      close: async () => {
        await dataSource.destroy();
        await opened.end();
      },
    };
  } catch (error) {
    await pool?.end();
    throw BackplaneError.is(error) ? error : unreachable(pluginId, server, explained(error, database));
  }
}

async function introduce(pool: MysqlPool, server: string): Promise<{ version: string; access: Access }> {
  const [row] = (await pool.query(
    `SELECT VERSION() AS version, CURRENT_USER() AS user,
    EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'SELECT') AS privileged`,
  )) as readonly { version: string; user: string; privileged: unknown }[];
  const { version, user, privileged } = row!;
  return { version, access: { server, user, isPrivileged: Number(privileged) === 1 } };
}

/** The lock ends with the connection, so an instance that was killed holds nobody up. */
async function withLock(
  dataSource: DataSource,
  database: string,
  work: (runner: QueryRunner) => Promise<void>,
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const name = lockName(database);
  const ask = async (what: string): Promise<boolean> => {
    const [row] = (await runner.query(`SELECT ${what} AS done`, [name])) as { done: unknown }[];
    return Number(row!.done) === 1;
  };
  try {
    // A migration may take its time.
    await ((await runner.connect()) as MysqlConnection).takeTime();
    while (!(await ask('GET_LOCK(?, 0)'))) await pause(lockInterval);
    try {
      await work(runner);
    } finally {
      await ask('RELEASE_LOCK(?)').catch(() => {});
    }
  } finally {
    await runner.release();
  }
}

/** Locks belong to the whole server, and have at most 64 characters. */
export function lockName(database: string): string {
  return `backplane:${createHash('sha256').update(database.toLowerCase()).digest('hex').slice(0, 40)}`;
}

/** For people: without user or password. */
export function mysqlServer({ host, port, socketPath }: JsonObject): string {
  if (typeof socketPath === 'string') return socketPath;
  return `${typeof host === 'string' ? host : 'localhost'}:${typeof port === 'number' || typeof port === 'string' ? port : 3306}`;
}
