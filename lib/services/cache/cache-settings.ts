import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import { readNamespace, readRedisOptions, readStoreKind, type RedisOptions } from '../../api/redis-options.js';
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
  const at = (key: string) => `${section}.${key}`;
  const kind = readStoreKind(config, section, 'store');
  return {
    redis: kind === 'redis' ? readRedisOptions(config, section) : undefined,
    // The latter two are where Backstage has it.
    namespace: readNamespace(config, ...['namespace', 'redis.client.namespace', 'valkey.client.namespace'].map(at)),
    defaultTtl: readDefaultTtl(config),
    maxValueSize: readSize(config, 'maxValueSize', MiB),
    memory: { maxEntries: readSize(config, 'maxEntries', 100_000), maxSize: readSize(config, 'maxSize', 64 * MiB) },
  };
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
