import { randomBytes } from 'node:crypto';
import type { CacheService } from '../api/cache-service.js';
import type { JsonObject } from '../api/config-service.js';
import { readRedisOptions } from '../api/redis-options.js';
import type { RedisConnection } from '../api/root-redis-service.js';
import { givenCaches, givenRedis } from '../given-services.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { mockServices } from './mock-services.js';
import { refuseProduction } from './refuse-production.js';

/** Memory is always there; Redis is a server. */
export type TestCacheId = 'memory' | 'redis';

/** More than a cache would wait in earnest, in ms: a machine that runs tests is busy. */
const timeout = 10_000;

/**
 * Caches to run the same tests on: those that this machine has. Redis is the one at `BACKPLANE_TEST_REDIS`, or else at the
 * standard local port.
 *
 * Needs no test runner. Disposing it removes whatever it has made.
 *
 * @example
 * const caches = await TestCaches.create();
 * after(() => caches[Symbol.asyncDispose]());
 *
 * for (const id of caches.eachSupportedId()) {
 *   it(`finds letters again in ${id}`, async () => {
 *     const { config } = await caches.init(id);
 *     await using backend = await TestBackend.start({ features: [LettersPlugin], config: { backend: { cache: config } } });
 *   });
 * }
 */
export class TestCaches implements AsyncDisposable {
  readonly #supported: readonly TestCacheId[];
  readonly #redis = givenRedis(mockServices.rootLogger());
  /** What names begin with in Redis, of all that is made here. */
  readonly #namespace = `backplane-test:${randomBytes(8).toString('hex')}`;
  #made = 0;

  private constructor(supported: readonly TestCacheId[]) {
    this.#supported = supported;
  }

  /** `ids` are those that the tests are for: by default all. */
  static async create({
    ids = ['memory', 'redis'],
  }: { readonly ids?: readonly TestCacheId[] } = {}): Promise<TestCaches> {
    refuseProduction('TestCaches');
    const hasRedis = ids.includes('redis') && (await redisAnswers());
    return new TestCaches(ids.filter(id => id === 'memory' || (id === 'redis' && hasRedis)));
  }

  /** In the order in which they were asked for. */
  eachSupportedId(): readonly TestCacheId[] {
    return [...this.#supported];
  }

  supports(id: TestCacheId): boolean {
    return this.#supported.includes(id);
  }

  /** An empty cache, for as many plugins as a backend has. Rejects with `NO_TEST_CACHE`. */
  async init(id: TestCacheId): Promise<TestCache> {
    if (!this.supports(id)) throw noTestCache(id, this.#supported);
    const namespace = `${this.#namespace}:${(this.#made += 1)}`;
    const config: JsonObject = id === 'redis' ? { ...redisAt(), namespace } : { store: 'memory' };
    const caches = await givenCaches(this.#redis, {
      config: mockServices.rootConfig({ data: { backend: { cache: config } } }),
      logger: mockServices.rootLogger(),
      metrics: mockServices.metrics(),
    });
    return {
      id,
      config,
      service: ({ pluginId = 'test' } = {}) => caches(mockServices.pluginMetadata({ pluginId })),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.supports('redis') && this.#made > 0) await remove(await this.#redis.connect(optionsOf()), this.#namespace);
    await this.#redis[Symbol.asyncDispose]();
  }
}

/** One empty cache. */
export interface TestCache {
  readonly id: TestCacheId;
  /** What `backend.cache` is to say. */
  readonly config: JsonObject;
  /** The cache of one plugin, without a backend. Memory is not shared with a backend. */
  service(options?: { readonly pluginId?: string }): CacheService;
}

function redisAt(): JsonObject {
  return { store: 'redis', connection: process.env['BACKPLANE_TEST_REDIS'] ?? 'redis://127.0.0.1:6379', timeout };
}

function optionsOf() {
  return readRedisOptions(mockServices.rootConfig({ data: { cache: redisAt() } }), 'cache');
}

async function redisAnswers(): Promise<boolean> {
  const redis = givenRedis(mockServices.rootLogger());
  try {
    const connection = await redis.connect(optionsOf());
    return (await connection.send('PING')) === 'PONG';
  } catch {
    return false;
  } finally {
    await redis[Symbol.asyncDispose]();
  }
}

async function remove(redis: RedisConnection, namespace: string): Promise<void> {
  let cursor = '0';
  do {
    const reply = await redis.send('SCAN', cursor, 'MATCH', `${namespace}:*`, 'COUNT', '1000');
    const [next, keys] = reply as [string, string[]];
    if (keys.length > 0) await redis.send('UNLINK', ...keys);
    cursor = next;
  } while (cursor !== '0');
}

function noTestCache(id: TestCacheId, supported: readonly TestCacheId[]): BackplaneError {
  const others = supported.length > 0 ? `, as there is ${supported.join(', ')}` : '';
  return new BackplaneError({
    code: 'NO_TEST_CACHE',
    message: `There is no cache '${id}' here to test with${others}`,
    path: [],
    fix: 'go through eachSupportedId(), or start its server and name it in the environment.',
  });
}
