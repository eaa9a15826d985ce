import type { DataSource } from 'typeorm';
import type { SettingsOf } from './database-settings.js';
import type { Access } from './open-database.js';
import { roleName, rolePassword } from './own-role.js';
import { quoted } from './postgres-pools.js';
import type { Client } from './shared-pool.js';

/** Who has the rights to make things: a connection, or a pool of such. */
export type Maker = Pick<Client, 'query'>;

/** PostgreSQL cuts longer names. */
export const longestRole = 63;

export interface OwnRole {
  readonly role: string;
  /** Present where it is to log in by itself, and not only to be assumed. */
  readonly password?: string;
  /** In ms. */
  readonly queryTimeout: number;
}

/** Makes the role of a plugin where it is not there, and lets the administrator give it things. One at a time. */
export async function ensureRole(maker: Maker, { role, password, queryTimeout }: OwnRole): Promise<void> {
  const login = password === undefined ? '' : `ALTER ROLE ${quoted(role)} LOGIN PASSWORD ${literal(password)};`;
  // What is sent as one is one transaction, at the end of which the lock is free.
  const text = `
    SELECT pg_advisory_xact_lock(hashtextextended('backplane:roles', 0));
    DO $role$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(role)}) THEN
        CREATE ROLE ${quoted(role)};
      END IF;
    END $role$;
    ${login}
    GRANT ${quoted(role)} TO CURRENT_USER`;
  await maker.query({ text, query_timeout: queryTimeout });
}

/** As what a plugin with a database of its own is to log in. */
export function ownRoleOf(
  { ownRoles, roleSecret }: SettingsOf<'pg'>,
  database: string | undefined,
): { user?: string; password?: string } {
  if (!ownRoles || roleSecret === undefined || database === undefined) return {};
  const user = roleName(database, longestRole);
  return { user, password: rolePassword(roleSecret, user) };
}

/** Otherwise every role may connect to it. */
export async function closeToOthers(maker: Maker, database: string, queryTimeout: number): Promise<void> {
  const text = `REVOKE CONNECT, TEMPORARY ON DATABASE ${quoted(database)} FROM PUBLIC`;
  await maker.query({ text, query_timeout: queryTimeout });
}

/** As whom statements run. */
export async function accessOf(dataSource: DataSource, server: string): Promise<Access> {
  const [row] = (await dataSource.query(
    `SELECT current_database() AS database, current_user AS "user", rolsuper AS super
    FROM pg_roles WHERE rolname = current_user`,
  )) as { database: string; user: string; super: boolean }[];
  return { server: `${server}/${row!.database}`, user: row!.user, isPrivileged: row!.super };
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
