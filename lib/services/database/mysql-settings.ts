import type { JsonObject } from '../../api/config-service.js';
import type { DatabaseReader } from './database-reader.js';
import { checkName, readConnection, readServer, rolesOf, type ServerSettings } from './server-settings.js';

/** The settings of MySQL and MariaDB; each plugin has a database of its own. */
export interface MysqlSettings extends ServerSettings {
  readonly client: 'mysql2';
}

const address = { protocols: /^(?:mysql|mariadb):$/, server: 'MySQL', example: 'mysql://user@host:3306' };

/** What may be said of a connection. All else is ours: how values are escaped, among other things. */
const known = new Set(['host', 'port', 'user', 'password', 'database', 'socketPath', 'ssl']);

/** The server's own, which are nobody's to fill. */
const system = new Set(['mysql', 'sys', 'information_schema', 'performance_schema']);

const longest = 64;

export function readMysql(reader: DatabaseReader, pluginId: string | undefined): MysqlSettings {
  const { prefix, role, roleKeys, ensureExists, poolMax, connectTimeout } = readServer(reader);
  if (role !== undefined) {
    const fix = `remove it, and write 'ownRoles: true', or a 'user' at the 'connection' of a plugin`;
    throw reader.wrong('role', 'is for PostgreSQL', fix);
  }
  checkName(reader, pluginId, { key: 'prefix', prefix, longest });
  const connection = readAddress(reader);
  const database = reader.ownDatabase();
  const name = database ?? (pluginId === undefined ? undefined : `${prefix}${pluginId}`);
  if (name !== undefined && system.has(name.toLowerCase())) {
    throw reader.wrong('connection', `gives plugin '${pluginId}' a database of the server itself`, 'name another one');
  }
  return {
    client: 'mysql2',
    connection,
    prefix,
    database,
    ensureExists,
    ...rolesOf(reader, roleKeys, { password: connection['password'], isLogin: true }),
    poolMax,
    connectTimeout,
  };
}

function readAddress(reader: DatabaseReader): JsonObject {
  const given = readConnection(reader, address);
  const connection = given instanceof URL ? partsOf(given) : given;
  const fix = `write no more than ${[...known].join(', ')}; options of the driver are not for the configuration`;
  const unknown = given instanceof URL ? given.search.slice(1) : Object.keys(given).find(key => !known.has(key));
  if (unknown) throw reader.wrong('connection', `has '${unknown}', which is not known`, fix);
  return connection;
}

function partsOf({ hostname, port, username, password }: URL): JsonObject {
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(port !== '' && { port: Number(port) }),
    ...(username !== '' && { user: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
}
