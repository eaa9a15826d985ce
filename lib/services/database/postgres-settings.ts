import type { JsonObject } from '../../api/config-service.js';
import { type DatabaseReader, isObject } from './database-reader.js';

export interface PostgresSettings {
  readonly client: 'pg';
  /** As the constructor of a `Pool` of `pg` takes it. */
  readonly connection: JsonObject;
  /** Whether each plugin has a database of its own, or a schema in one that all share. */
  readonly division: 'database' | 'schema';
  /** What the names of such databases, or schemas, begin with. */
  readonly prefix: string;
  /** The database of the plugin alone, where it names one itself. */
  readonly database: string | undefined;
  /** What each connection becomes, before the plugin uses it. */
  readonly role: string | undefined;
  /** Whether a database, or schema, that is not there is made. */
  readonly ensureExists: boolean;
  readonly poolMax: number;
  /** In ms. */
  readonly connectTimeout: number;
}

/** Longer names are cut by PostgreSQL, and could then be the same. */
const longestName = 63;

/** The settings of PostgreSQL; `undefined` where another database is used. */
export function readPostgres(reader: DatabaseReader, pluginId: string | undefined): PostgresSettings | undefined {
  const { config } = reader;
  const division = readDivision(reader);
  const databasePrefix = readPrefix(reader, 'prefix') ?? 'backplane_plugin_';
  const schemaPrefix = readPrefix(reader, 'schemaPrefix') ?? '';
  const role = config.getOptionalString(reader.path('role'));
  const ensureDatabase = config.getOptionalBoolean(reader.path('ensureExists')) ?? true;
  const ensureSchema = config.getOptionalBoolean(reader.path('ensureSchemaExists')) ?? true;
  const poolMax = readPoolMax(reader);
  const connectTimeout = reader.duration('connectTimeout', 10_000);
  if (reader.client() !== 'pg') return undefined;
  const connection = readConnection(reader);
  const prefix = division === 'schema' ? schemaPrefix : databasePrefix;
  if (pluginId !== undefined && prefix.length + pluginId.length > longestName) {
    const key = division === 'schema' ? 'schemaPrefix' : 'prefix';
    throw reader.wrong(key, `is too long for plugin '${pluginId}'`, `leave it within ${longestName} characters`);
  }
  const own = ownDatabase(reader, pluginId);
  const ensureExists = division === 'schema' ? ensureSchema : ensureDatabase;
  return { client: 'pg', connection, division, prefix, database: own, role, ensureExists, poolMax, connectTimeout };
}

function readDivision(reader: DatabaseReader): PostgresSettings['division'] {
  const division = reader.config.getOptionalString(reader.path('pluginDivisionMode')) ?? 'database';
  if (division !== 'database' && division !== 'schema') {
    throw reader.wrong('pluginDivisionMode', `is '${division}'`, `write 'database' or 'schema'`);
  }
  if (division === 'schema' && reader.client() === 'sqlite') {
    throw reader.wrong('pluginDivisionMode', 'is for PostgreSQL', 'remove it: with SQLite each plugin has a file');
  }
  return division;
}

function readPrefix(reader: DatabaseReader, key: string): string | undefined {
  const prefix = reader.config.getOptionalString(`backend.database.${key}`);
  if (prefix === undefined || /^[a-z_][a-z0-9_]{0,40}$/.test(prefix)) return prefix;
  throw reader.wrong(key, `is '${prefix}'`, 'write at most 40 lower-case letters, digits and underscores');
}

function readPoolMax(reader: DatabaseReader): number {
  const max = reader.config.getOptionalNumber(reader.path('pool.max')) ?? 10;
  // One holds the lock while another makes the tables.
  if (Number.isInteger(max) && max > 1) return max;
  throw reader.wrong('pool.max', `is ${max}`, 'write a whole number above 1');
}

function readConnection(reader: DatabaseReader): JsonObject {
  const connection = reader.connection() ?? {};
  if (isObject(connection)) return connection;
  if (
    typeof connection === 'string' &&
    URL.canParse(connection) &&
    /^postgres(?:ql)?:$/.test(new URL(connection).protocol)
  )
    return { connectionString: connection };
  const fix = `write 'postgres://user@host:5432/database', or { host, port, user, password, database }`;
  throw reader.wrong('connection', 'is no address of a PostgreSQL server', fix);
}

/** What the plugin's own settings name; the database that all name is where they begin. */
function ownDatabase(reader: DatabaseReader, pluginId: string | undefined): string | undefined {
  if (pluginId === undefined) return undefined;
  const own = reader.config.getOptional(`backend.database.plugin.${pluginId}`);
  const connection = isObject(own) ? own['connection'] : undefined;
  return isObject(connection) && typeof connection['database'] === 'string' ? connection['database'] : undefined;
}
