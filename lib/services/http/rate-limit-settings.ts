import { longestTimer } from '../../contract/timer.js';
import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import { readNamespace, readRedisOptions, readStoreKind, type RedisOptions } from '../../api/redis-options.js';
import { readCount, readStrings } from './setting-readers.js';
import { IpRanges } from './ip-ranges.js';

/** How many requests of one client are answered in a time. */
export interface RateLimit {
  /** In ms. */
  readonly window: number;
  readonly requests: number;
  /** Whoever is not limited. */
  readonly exempt: IpRanges;
  /** Only these count then: requests that were answered with a status from 400 on, or below. */
  readonly skipSuccessfulRequests: boolean;
  readonly skipFailedRequests: boolean;
  /** Where the store does not count, the request is answered; otherwise this process counts by itself. */
  readonly passOnStoreError: boolean;
}

export interface RateLimitSettings {
  /** For everything together. */
  readonly global: RateLimit | undefined;
  readonly plugins: ReadonlyMap<string, RateLimit>;
  /** Where requests are counted; absent: in the memory of this process. */
  readonly store: RateLimitStore | undefined;
}

export interface RateLimitStore {
  readonly redis: RedisOptions;
  /** What names in it begin with. */
  readonly namespace: string;
}

const key = 'backend.rateLimit';

/** What `backend.rateLimit` says; `undefined`: no limits. */
export function readRateLimits(config: Config): RateLimitSettings | undefined {
  const value = config.getOptional(key);
  if (value === undefined || isNo(value)) return undefined;
  if (typeof value !== 'object') {
    const global = config.getBoolean(key) ? readLimit(config, undefined, []) : undefined;
    return { global, plugins: new Map(), store: undefined };
  }
  const store = readStore(config);
  const plugins = new Map<string, RateLimit>();
  for (const pluginId of config.getOptionalConfig(`${key}.plugin`)?.keys() ?? []) {
    const at = `${key}.plugin.${pluginId}`;
    const own = config.getOptional(at);
    if (isNo(own)) continue;
    plugins.set(pluginId, typeof own === 'object' ? readLimit(config, at, [at, key]) : readLimit(config, at, [key]));
  }
  const global = (config.getOptionalBoolean(`${key}.global`) ?? true) ? readLimit(config, key, [key]) : undefined;
  return { global, plugins, store };
}

function isNo(value: unknown): boolean {
  return value === false || value === 'false';
}

/** Each setting from the first of the sections that has it. */
function readLimit(config: Config, at: string | undefined, sections: readonly string[]): RateLimit {
  if (at !== undefined && typeof config.getOptional(at) !== 'object') config.getBoolean(at);
  const first = <T>(name: string, read: (path: string) => T | undefined): T | undefined => {
    for (const section of sections) {
      const value = read(`${section}.${name}`);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const flag = (name: string) => first(name, path => config.getOptionalBoolean(path)) ?? false;
  return {
    window: first('window', path => readWindow(config, path)) ?? 60_000,
    requests: first('incomingRequestLimit', path => readCount(config, path)) ?? 5,
    exempt: first('ipAllowList', path => readRanges(config, path)) ?? loopback(),
    skipSuccessfulRequests: flag('skipSuccessfulRequests'),
    skipFailedRequests: flag('skipFailedRequests'),
    passOnStoreError: flag('passOnStoreError'),
  };
}

function readWindow(config: Config, path: string): number | undefined {
  const window = config.getOptionalDuration(path);
  if (window === undefined || (window >= 1 && window <= longestTimer)) return window;
  throw invalidSetting(config, path, `is ${window} ms`, 'write a time from 1 ms to 24 days');
}

function readRanges(config: Config, path: string): IpRanges | undefined {
  const texts = readStrings(config, path);
  if (!texts) return undefined;
  const ranges = new IpRanges();
  for (const text of texts) {
    if (!ranges.add(text)) {
      throw invalidSetting(config, path, `has '${text}', which is no address`, `write addresses, as '10.0.0.0/8'`);
    }
  }
  return ranges;
}

function loopback(): IpRanges {
  const ranges = new IpRanges();
  ranges.add('loopback');
  return ranges;
}

function readStore(config: Config): RateLimitStore | undefined {
  const section = `${key}.store`;
  if (readStoreKind(config, section, 'type') === 'memory') return undefined;
  return { redis: readRedisOptions(config, section), namespace: readNamespace(config, `${section}.namespace`) };
}
