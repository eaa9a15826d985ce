import { MissingRight, withRight } from './missing-right.js';
import type { MysqlPool } from './mysql-pool.js';

const refused: ReadonlySet<unknown> = new Set([
  'ER_DBACCESS_DENIED_ERROR',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_ERROR',
  'ER_CANT_CREATE_USER_WITH_GRANT',
]);

/** Makes something as whoever has logged in, and says what to grant where that may not. */
export function making<T>(admin: MysqlPool, step: () => Promise<T>, fix: (user: string) => string): Promise<T> {
  return withRight(step, refused, async () => {
    const [row] = (await admin.query('SELECT CURRENT_USER() AS name')) as readonly { name: string }[];
    return fix(`'${row!.name.replace(/@(?=[^@]*$)/, `'@'`)}'`);
  });
}

/** What is meant by the failure to log in to a database that is not there. */
export function explained(error: unknown, database: string): unknown {
  if ((error as { code?: unknown }).code !== 'ER_BAD_DB_ERROR') return error;
  const fix = `make it, with CREATE DATABASE ${quoted(database)} as an administrator, or write 'ensureExists: true' at 'backend.database'.`;
  return new MissingRight(fix, error);
}

export const toMakeDatabase =
  (database: string, create: string) =>
  (user: string): string =>
    `let ${user} make it, with GRANT ALL PRIVILEGES ON ${quoted(patternOf(database))}.* TO ${user} as an administrator, or make it yourself, with ${create}, and let ${user} use it.`;

export const toMakeUsers =
  (database: string) =>
  (user: string): string =>
    `let ${user} make users and give them what it has, with GRANT CREATE USER ON *.* TO ${user} and GRANT ALL PRIVILEGES ON ${quoted(patternOf(database))}.* TO ${user} WITH GRANT OPTION as an administrator, or leave 'ownRoles' out.`;

/** In a grant, names of databases are patterns. */
export function patternOf(database: string): string {
  return database.replaceAll(/[\\_%]/g, String.raw`\$&`);
}

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
