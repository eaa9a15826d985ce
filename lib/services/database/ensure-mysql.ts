import type { JsonObject } from '../../api/config-service.js';
import type { SettingsOf } from './database-settings.js';
import { type MysqlLibrary, MysqlPool } from './mysql-pool.js';
import { making, patternOf, quoted, toMakeDatabase, toMakeUsers } from './mysql-rights.js';
import { rolePassword, roleName } from './own-role.js';

/** MySQL has no longer names for users. */
const longestUser = 32;

/**
 * Makes the database, and the user that may use it and nothing else, where they are to be made and not there. Gives what
 * the plugin is to log in with, where that is a user of its own.
 */
export async function ensureMysql(
  library: MysqlLibrary,
  database: string,
  settings: SettingsOf<'mysql2'>,
): Promise<JsonObject> {
  const { connection, ensureExists, ownRoles, roleSecret = '' } = settings;
  const user = roleName(database, longestUser);
  const own = { user, password: rolePassword(roleSecret, user) };
  const login: JsonObject = ownRoles ? own : {};
  if (!ensureExists) return login;
  const { database: _, ...server } = connection;
  const admin = new MysqlPool(library, { ...server, connectionLimit: 1 }, settings);
  try {
    const [there] = await admin.query('SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [database]);
    // Texts are the same only where every byte is, as in SQLite and PostgreSQL.
    const encoding = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
    const create = `CREATE DATABASE IF NOT EXISTS ${quoted(database)} ${encoding}`;
    if (!there) await making(admin, () => admin.query(create), toMakeDatabase(database, create));
    if (ownRoles) await making(admin, () => ensureUser(admin, database, own), toMakeUsers(database));
    return login;
  } finally {
    await admin.end();
  }
}

/** It may come from where the administrator comes from. Whatever was there before has the password of now. */
async function ensureUser(
  admin: MysqlPool,
  database: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  const [row] = (await admin.query('SELECT CURRENT_USER() AS name')) as readonly { name: string }[];
  const host = row!.name.slice(row!.name.lastIndexOf('@') + 1);
  const lock = 'backplane:users';
  await admin.query('SELECT GET_LOCK(?, 10)', [lock]);
  try {
    await admin.query(`CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?`, [user, host, password]);
    await admin.query(`ALTER USER ?@? IDENTIFIED BY ?`, [user, host, password]);
    await admin.query(`GRANT ALL PRIVILEGES ON ${quoted(patternOf(database))}.* TO ?@?`, [user, host]);
  } finally {
    await admin.query('SELECT RELEASE_LOCK(?)', [lock]).catch(() => {});
  }
}
