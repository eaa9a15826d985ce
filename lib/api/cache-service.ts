import { Service } from '../../decorators/service.js';
import type { OutputOf, Schema } from '../contract/schema.js';
import type { JsonValue } from './config-service.js';
import type { Duration } from './duration.js';

export interface CacheEntryOptions {
  /**
   * How long the entry is kept at most: a time above 0. Default: that of the cache, else `backend.cache.defaultTtl`, else as
   * long as the store has room for it.
   */
  readonly ttl?: Duration;
}

export interface CacheOptions {
  /** How long entries are kept that do not say it themselves. */
  readonly defaultTtl?: Duration;
}

/** What every cache can do, whatever its values are. */
export abstract class Cache<V = JsonValue> {
  /** The value, or `undefined` where there is none, or where the store does not answer: a cache never fails a request. */
  abstract get(key: string): Promise<V | undefined>;
  /**
   * Keeps a copy. A store that does not answer is logged, not thrown; what was there before is not read any more.
   *
   * Rejects with `INVALID_CACHE_VALUE` for what JSON text does not carry, `INVALID_CACHE_TTL` and `INVALID_CACHE_KEY`.
   */
  abstract set(key: string, value: V, options?: CacheEntryOptions): Promise<void>;
  abstract delete(key: string): Promise<void>;
  /** Removes what this plugin has kept in it, and nothing of any other. */
  abstract clear(): Promise<void>;
  /**
   * The value, computed and kept where there is none; whoever asks meanwhile in this process waits for the same
   * computation. Rejects as `compute` does; then nothing is kept. Nor is it where the entry was set or deleted, or the cache
   * cleared, after the computation had begun.
   */
  abstract getOrSet(key: string, compute: () => V | Promise<V>, options?: CacheEntryOptions): Promise<V>;
  /** The same entries, with other defaults. */
  abstract withOptions(options: CacheOptions): Cache<V>;
}

/**
 * The cache of one plugin, which no other plugin sees, whatever keys they choose; its modules share it.
 *
 * Where entries are, configuration says (`backend.cache`): without that, in the memory of this process, bounded.
 * Values are what JSON text carries, and are copied on their way in and out.
 */
@Service({ id: 'core.cache', scope: 'plugin' })
export abstract class CacheService extends Cache {
  abstract override withOptions(options: CacheOptions): CacheService;
  /**
   * The same entries as values of a type; one that does not fit the schema, as after a change of it, counts as absent.
   *
   * @example
   * const results = cache.withSchema(SearchResult).withOptions({ defaultTtl: '1m' });
   */
  abstract withSchema<S extends Schema>(schema: S): Cache<OutputOf<S>>;
}
