import type { DatabaseReader } from './database-reader.js';
import { checkName, readConnection, readPrefix, readServer, rolesOf, type ServerSettings } from './server-settings.js';

export interface PostgresSettings extends ServerSettings {
  readonly client: 'pg';
  /** Whether each plugin has a database of its own, or a schema in one that all share. */
  readonly division: 'database' | 'schema';
  /** What each connection becomes, before the plugin uses it. */
  readonly role: string | undefined;
}

const address = {
  protocols: /^postgres(?:ql)?:$/,
  server: 'PostgreSQL',
  example: 'postgres://user@host:5432/database',
};

/** Longer names are cut by PostgreSQL, and could then be the same. */
const longest = 63;

/** The settings of PostgreSQL; `undefined` where another database is used. */
export function readPostgres(reader: DatabaseReader, pluginId: string | undefined): PostgresSettings | undefined {
  const { config } = reader;
  const { division, prefix, role, ensureExists, roleKeys, ...limits } = readServer(reader);
  const schemaPrefix = readPrefix(reader, 'schemaPrefix') ?? '';
  const ensureSchema = config.getOptionalBoolean(reader.path('ensureSchemaExists')) ?? true;
  if (reader.client() !== 'pg') return undefined;
  const given = readConnection(reader, address);
  const connection = given instanceof URL ? { connectionString: given.href } : given;
  const isSchema = division === 'schema';
  const named = isSchema ? { key: 'schemaPrefix', prefix: schemaPrefix } : { key: 'prefix', prefix };
  checkName(reader, pluginId, { ...named, longest });
  const password = given instanceof URL ? given.password : given['password'];
  const own = rolesOf(reader, roleKeys, { password, isLogin: !isSchema });
  if (own.ownRoles && role !== undefined && !reader.isOwn('role')) {
    throw reader.wrong('role', `is for all plugins, with 'ownRoles' for one each`, 'remove one of the two');
  }
  return {
    client: 'pg',
    connection,
    division,
    prefix: named.prefix,
    database: reader.ownDatabase(),
    role,
    // A role that the plugin names itself is its own.
    ...(role === undefined ? own : { ownRoles: false, roleSecret: undefined }),
    ensureExists: isSchema ? ensureSchema : ensureExists,
    ...limits,
  };
}
