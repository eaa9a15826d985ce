import type { JsonObject } from '../../api/config-service.js';
import { isObject } from '../../util/is-object.js';
import type { ClientName, DatabaseReader } from './database-reader.js';

/** What is said of PostgreSQL and MySQL alike. */
export interface ServerSettings {
  /** As the pools of the driver take it. */
  readonly connection: JsonObject;
  /** What the names of databases, or schemas, begin with. */
  readonly prefix: string;
  /** The database of the plugin alone, where it names one itself. */
  readonly database: string | undefined;
  /** Whether a database, or schema, that is not there is made. */
  readonly ensureExists: boolean;
  /** Whether each plugin has a role, or user, of its own, which is made as well. */
  readonly ownRoles: boolean;
  /** What the passwords of such users are derived from. */
  readonly roleSecret: string | undefined;
  readonly poolMax: number;
  /** In ms. */
  readonly connectTimeout: number;
}

type Division = 'database' | 'schema';

/** What is read alike, whichever server it is for: that a key is known does not depend on the client. */
export function readServer(reader: DatabaseReader) {
  const { config } = reader;
  return {
    division: readDivision(reader),
    prefix: readPrefix(reader, 'prefix') ?? 'backplane_plugin_',
    role: config.getOptionalString(reader.pathOfClient('role')),
    ensureExists: config.getOptionalBoolean(reader.path('ensureExists')) ?? true,
    roleKeys: readRoleKeys(reader),
    poolMax: readPoolMax(reader),
    connectTimeout: reader.duration('connectTimeout', 10_000),
  };
}

/** What each client can do, and why no more. */
const divisions: Readonly<Record<ClientName, { readonly only?: Division; readonly why: string }>> = {
  pg: { why: '' },
  sqlite: { only: 'database', why: 'with SQLite each plugin has a file' },
  mysql2: { only: 'database', why: 'with MySQL a schema is a database, which each plugin has' },
  pglite: { only: 'schema', why: 'PGlite has one database, and each plugin a schema in it' },
};

export function readDivision(reader: DatabaseReader): Division {
  const { only, why } = divisions[reader.client()];
  const path = reader.pathOfClient('pluginDivisionMode');
  const division = reader.config.getOptionalString(path) ?? only ?? 'database';
  if (division !== 'database' && division !== 'schema') {
    throw reader.wrong('pluginDivisionMode', `is '${division}'`, `write 'database' or 'schema'`);
  }
  if (only !== undefined && division !== only) {
    const what = only === 'database' ? 'is for PostgreSQL' : `is '${division}'`;
    throw reader.wrong('pluginDivisionMode', what, `remove it: ${why}`);
  }
  return division;
}

/** Whose names are longer is cut, or refused, by the server; what is cut could be the same. */
export function checkName(
  reader: DatabaseReader,
  pluginId: string | undefined,
  { key, prefix, longest }: { readonly key: string; readonly prefix: string; readonly longest: number },
): void {
  if (pluginId === undefined || prefix.length + pluginId.length <= longest) return;
  throw reader.wrong(key, `is too long for plugin '${pluginId}'`, `leave it within ${longest} characters`);
}

/** `name` is that of a key: `prefix`, or `schemaPrefix`. */
export function readPrefix(reader: DatabaseReader, name: string): string | undefined {
  const prefix = reader.config.getOptionalString(`backend.database.${name}`);
  if (prefix === undefined || /^[a-z_][a-z0-9_]{0,40}$/.test(prefix)) return prefix;
  throw reader.wrong(name, `is '${prefix}'`, 'write at most 40 lower-case letters, digits and underscores');
}

function readPoolMax(reader: DatabaseReader): number {
  const max = reader.config.getOptionalNumber(reader.path('pool.max')) ?? 10;
  // One holds the lock while another makes the tables.
  if (Number.isInteger(max) && max > 1) return max;
  throw reader.wrong('pool.max', `is ${max}`, 'write a whole number above 1');
}

/** An address, or what it consists of. */
export function readConnection(
  reader: DatabaseReader,
  { protocols, server, example }: { readonly protocols: RegExp; readonly server: string; readonly example: string },
): URL | JsonObject {
  const connection = reader.connection() ?? {};
  if (isObject(connection)) return connection;
  if (typeof connection === 'string' && URL.canParse(connection)) {
    const url = new URL(connection);
    if (protocols.test(url.protocol)) return url;
  }
  const fix = `write '${example}', or { host, port, user, password, database }`;
  throw reader.wrong('connection', `is no address of a ${server} server`, fix);
}

interface RoleKeys {
  readonly ownRoles: boolean;
  readonly roleSecret: string | undefined;
}

/** Also where the client has none: that they are known does not depend on it. */
function readRoleKeys(reader: DatabaseReader): RoleKeys {
  const { config } = reader;
  const ownRoles = config.getOptionalBoolean(reader.path('ownRoles')) ?? false;
  const roleSecret = config.getOptionalString('backend.database.roleSecret');
  if (roleSecret === undefined || roleSecret.length >= 16) return { ownRoles, roleSecret };
  throw reader.wrong('roleSecret', 'is shorter than 16 characters', 'write a longer one, which nobody can guess');
}

/** `password` is that of whoever makes the roles; where they are only assumed, they have no password. */
export function rolesOf(
  reader: DatabaseReader,
  { ownRoles, roleSecret }: RoleKeys,
  { password, isLogin }: { readonly password: unknown; readonly isLogin: boolean },
): RoleKeys {
  const secret = roleSecret ?? (typeof password === 'string' && password !== '' ? password : undefined);
  if (ownRoles && isLogin && secret === undefined) {
    throw reader.wrong(
      'ownRoles',
      'has nothing to derive passwords from',
      `write a secret at 'backend.database.roleSecret', or a password at 'backend.database.connection'`,
    );
  }
  return { ownRoles, roleSecret: ownRoles && isLogin ? secret : undefined };
}
