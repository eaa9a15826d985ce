import type { Maker } from './postgres-role.js';
import { MissingRight, withRight } from './missing-right.js';
import { quoted } from './postgres-pools.js';

const refused: ReadonlySet<unknown> = new Set(['42501']);

interface Names {
  readonly user: string;
  readonly database: string;
}

/** In ms. */
const patience = 5_000;

/** Makes something as whoever has logged in, and says what to grant where that may not. */
export function making<T>(maker: Maker, step: () => Promise<T>, fix: (names: Names) => string): Promise<T> {
  return withRight(step, refused, async () => {
    const { rows } = await maker.query({
      text: 'SELECT current_user AS user, current_database() AS database',
      query_timeout: patience,
    });
    const { user, database } = rows[0] as Names;
    return fix({ user: quoted(user), database: quoted(database) });
  });
}

/** What is meant by the failure to log in to a database that is not there. */
export function explained(error: unknown, database: string): unknown {
  if ((error as { code?: unknown }).code !== '3D000') return error;
  const fix = `make it, with CREATE DATABASE ${quoted(database)} as an administrator, or name another one at 'backend.database.connection'.`;
  return new MissingRight(fix, error);
}

export const toMakeRoles =
  (role: string) =>
  ({ user }: Names): string =>
    `let ${user} make roles, with ALTER ROLE ${user} CREATEROLE as an administrator (and GRANT ${quoted(role)} TO ${user} WITH ADMIN OPTION where that is there already), or leave 'ownRoles' out.`;

export const toMakeDatabase =
  (name: string) =>
  ({ user }: Names): string =>
    `let ${user} make databases, with ALTER ROLE ${user} CREATEDB as an administrator, or make this one yourself, with CREATE DATABASE ${quoted(name)} OWNER ${user}.`;

export const toMakeSchema =
  (name: string) =>
  ({ user, database }: Names): string =>
    `let ${user} make schemas, with GRANT CREATE ON DATABASE ${database} TO ${user} as an administrator, or make this one yourself, with CREATE SCHEMA ${quoted(name)} AUTHORIZATION ${user}.`;
