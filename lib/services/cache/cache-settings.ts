import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import { readRedisOptions, type RedisOptions } from '../../api/redis-options.js';
import { closest } from '../../util/did-you-mean.js';
import { longestTtl } from './ttl.js';

/** What `backend.cache` says. */
export interface CacheSettings {
  /** Where entries are; absent: in the memory of this process. */
  readonly redis: RedisOptions | undefined;
  /** What names in Redis begin with. */
  readonly namespace: string;
  /** How long entries are kept that do not say it, in ms. */
  readonly defaultTtl: number | undefined;
  /** Bytes of the largest value that is kept, as JSON text. */
  readonly maxValueSize: number;
  /** Of all plugins together, in memory. */
  readonly memory: MemoryBounds;
}

export interface MemoryBounds {
  readonly maxEntries: number;
  /** In bytes. */
  readonly maxSize: number;
}

const section = 'backend.cache';
const MiB = 2 ** 20;

/** Reads the settings, or throws a `ConfigError` that names the place of the first that is wrong. */
export function readCacheSettings(config: Config): CacheSettings {
  const isRemote = readStore(config) !== 'memory';
  return {
    redis: isRemote ? readRedisOptions(config, section) : undefined,
    namespace: readNamespace(config),
    defaultTtl: readDefaultTtl(config),
    maxValueSize: readSize(config, 'maxValueSize', MiB),
    memory: { maxEntries: readSize(config, 'maxEntries', 100_000), maxSize: readSize(config, 'maxSize', 64 * MiB) },
  };
}

function readStore(config: Config): string {
  const path = `${section}.store`;
  const store = config.getOptionalString(path) ?? 'memory';
  const stores = ['memory', 'redis', 'valkey'];
  if (stores.includes(store)) return store;
  const meant = closest(store, stores);
  const fix = meant === undefined ? `write 'memory', 'redis' or 'valkey'` : `did you mean '${meant}'?`;
  throw invalidSetting(config, path, `is '${store}', of which there is none`, fix);
}

/** Also where Backstage has it. */
function readNamespace(config: Config): string {
  const paths = ['namespace', 'redis.client.namespace', 'valkey.client.namespace'].map(key => `${section}.${key}`);
  for (const path of paths) {
    const namespace = config.getOptionalString(path);
    if (namespace === undefined) continue;
    if (/^[\w.:/-]{1,100}$/.test(namespace)) return namespace;
    throw invalidSetting(config, path, `is '${namespace}'`, 'write at most 100 letters, digits and _ . : / -');
  }
  return 'backplane';
}

function readDefaultTtl(config: Config): number | undefined {
  const path = `${section}.defaultTtl`;
  const ttl = config.getOptionalDuration(path);
  if (ttl === undefined || (ttl > 0 && ttl <= longestTtl)) return ttl;
  throw invalidSetting(config, path, `is ${ttl} ms`, 'write a time above 0, at most 100 years, or leave it out');
}

function readSize(config: Config, key: string, otherwise: number): number {
  const path = `${section}.${key}`;
  const size = config.getOptionalNumber(path) ?? otherwise;
  if (Number.isSafeInteger(size) && size >= 1) return size;
  throw invalidSetting(config, path, `is ${size}`, 'write a whole number above 0');
}
