import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { NeededPackage } from '../../api/needed-package.js';
import { type NatsSettings, readNatsSettings } from './nats/nats-settings.js';
import { type PostgresEventSettings, readPostgresEventSettings } from './postgres/postgres-event-settings.js';

/** What `backend.events` says. */
export interface EventsSettings {
  readonly transport: 'memory' | 'postgres' | 'nats';
  /** Of the payload and the metadata of one event, in bytes. */
  readonly maxEventSize: number;
  /** In ms. */
  readonly retry: { readonly initialDelay: number; readonly maxDelay: number };
  /** How long handlers may take to end when the plugin stops, in ms. */
  readonly drainTimeout: number;
  readonly memory: {
    readonly maxQueueLength: number;
    readonly maxQueueSize: number;
    readonly maxDeadLetters: number;
  };
  /** There where that is the transport. */
  readonly postgres: PostgresEventSettings | undefined;
  /** There where that is the transport. */
  readonly nats: NatsSettings | undefined;
}

const key = 'backend.events';

/** Reads the settings, or throws a `ConfigError` that names the place of the first that is wrong. */
export function readEventsSettings(config: Config): EventsSettings {
  const initialDelay = config.getOptionalDuration(`${key}.retry.initialDelay`) ?? 1_000;
  const maxDelay = config.getOptionalDuration(`${key}.retry.maxDelay`) ?? Math.max(60_000, initialDelay);
  if (maxDelay < initialDelay) {
    throw invalidSetting(
      config,
      `${key}.retry.maxDelay`,
      'is less than the initial delay',
      `write at least what 'initialDelay' says`,
    );
  }
  const transport = readTransport(config);
  return {
    transport,
    maxEventSize: readPositive(config, 'maxEventSize', 512 * 1024),
    retry: { initialDelay, maxDelay },
    drainTimeout: config.getOptionalDuration(`${key}.drainTimeout`) ?? 4_000,
    memory: {
      maxQueueLength: readPositive(config, 'memory.maxQueueLength', 10_000),
      maxQueueSize: readPositive(config, 'memory.maxQueueSize', 64 * 1024 * 1024),
      maxDeadLetters: readPositive(config, 'memory.maxDeadLetters', 1_000),
    },
    postgres: readPostgresEventSettings(config, transport === 'postgres'),
    nats: readNatsSettings(config, transport === 'nats'),
  };
}

const clients = {
  memory: [],
  postgres: [['speaks to PostgreSQL', 'pg']],
  nats: [
    ['speaks to NATS', '@nats-io/transport-node'],
    ['speaks to JetStream', '@nats-io/jetstream'],
  ],
} as const;

/** What the transport needs that these settings name. Throws a `ConfigError`. */
export function eventsPackages(config: Config, plugins: readonly string[]): NeededPackage[] {
  return clients[readTransport(config)].flatMap(([purpose, name]) =>
    plugins.map(pluginId => ({
      code: 'MISSING_EVENTS_PACKAGE',
      key: `${key}.transport`,
      anyOf: [name],
      purpose,
      pluginId,
    })),
  );
}

function readTransport(config: Config): EventsSettings['transport'] {
  const path = `${key}.transport`;
  const transport = config.getOptionalString(path) ?? withoutConnection(config);
  if (transport === 'memory' || transport === 'postgres' || transport === 'nats') return transport;
  throw invalidSetting(config, path, `is '${transport}'`, `write 'memory', 'postgres' or 'nats'`);
}

/** Whoever says where a server is, and not which, would else believe that events travel by it. */
function withoutConnection(config: Config): 'memory' {
  const path = `${key}.connection`;
  if (config.getOptional(path) === undefined) return 'memory';
  throw invalidSetting(config, path, 'is of no use in memory', `write transport: postgres, or transport: nats`);
}

function readPositive(config: Config, name: string, otherwise: number): number {
  const path = `${key}.${name}`;
  const value = config.getOptionalNumber(path) ?? otherwise;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw invalidSetting(config, path, `is ${value}`, 'write a whole number above 0');
}
