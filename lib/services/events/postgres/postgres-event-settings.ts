import type { Config, JsonObject, JsonValue } from '../../../api/config-service.js';
import { invalidSetting } from '../../../api/invalid-setting.js';
import { isObject } from '../../../util/is-object.js';

/** What `backend.events` says of PostgreSQL. Durations are in ms. */
export interface PostgresEventSettings {
  /** As the constructor of a `Client` of `pg` takes it. */
  readonly connection: JsonObject;
  /** Where the tables are; backends that are to share events share it. */
  readonly schema: string;
  readonly poolMax: number;
  /** How long an event is kept for a group that does not handle it. */
  readonly retention: number;
  /** After how long without a sign of life somebody else gets what a member was handling. */
  readonly lease: number;
  /** How often is looked for what nobody has told of. */
  readonly pollInterval: number;
  /** How long publishing may take while PostgreSQL is away. */
  readonly publishTimeout: number;
  readonly maxDeadLetters: number;
}

const section = 'backend.events';

/**
 * Reads the settings, whether that is the transport or not, or throws a `ConfigError` that names the place of the first
 * that is wrong. `undefined` where it is not.
 */
export function readPostgresEventSettings(config: Config, isTransport: boolean): PostgresEventSettings | undefined {
  const duration = (name: string, otherwise: number): number =>
    config.getOptionalDuration(`${section}.${name}`) ?? otherwise;
  const lease = duration('postgres.lease', 10_000);
  if (lease < 500) throw invalidSetting(config, `${section}.postgres.lease`, 'is too short', `write at least '500ms'`);
  const settings = {
    schema: readSchema(config),
    poolMax: readCount(config, 'postgres.pool.max', 5),
    retention: duration('retention', 7 * 86_400_000),
    lease,
    pollInterval: Math.max(50, duration('postgres.pollInterval', 2_000)),
    publishTimeout: duration('publishTimeout', 10_000),
    maxDeadLetters: readCount(config, 'postgres.maxDeadLetters', 10_000),
  };
  const connection = config.getOptional(`${section}.connection`);
  return isTransport ? { ...settings, connection: soundConnection(config, connection) } : undefined;
}

function soundConnection(config: Config, connection: JsonValue | undefined): JsonObject {
  const path = `${section}.connection`;
  if (isObject(connection)) return connection;
  const isUrl = typeof connection === 'string' && URL.canParse(connection);
  if (isUrl && /^postgres(?:ql)?:$/.test(new URL(connection).protocol)) return { connectionString: connection };
  const what = connection === undefined ? 'is missing' : 'is no address of a PostgreSQL server';
  const fix = `write 'postgres://user@host:5432/database', or { host, port, user, password, database }`;
  throw invalidSetting(config, path, what, fix);
}

function readSchema(config: Config): string {
  const path = `${section}.postgres.schema`;
  const schema = config.getOptionalString(path) ?? 'backplane_events';
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) return schema;
  throw invalidSetting(
    config,
    path,
    `is '${schema}'`,
    'write at most 63 lower-case letters, digits and underscores, no digit first',
  );
}

function readCount(config: Config, name: string, otherwise: number): number {
  const value = config.getOptionalNumber(`${section}.${name}`) ?? otherwise;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw invalidSetting(config, `${section}.${name}`, `is ${value}`, 'write a whole number above 0');
}
