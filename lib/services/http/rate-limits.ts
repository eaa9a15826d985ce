import type { RootLoggerService } from '../../api/logger-service.js';
import type { RootRedisService } from '../../api/root-redis-service.js';
import { TooManyRequestsError } from '../../errors/http-error.js';
import { AtMostEvery } from '../../util/at-most-every.js';
import type { Exchange } from './exchange.js';
import { MemoryCounts } from './memory-counts.js';
import { isFromNetwork } from './network-request.js';
import type { RateLimit, RateLimitSettings } from './rate-limit-settings.js';
import { RedisCounts } from './redis-counts.js';
import type { RequestCounts } from './request-counts.js';

/** How often the log is told that requests are not counted in Redis, in ms. */
const interval = 30_000;

interface Counter {
  readonly limit: RateLimit;
  readonly counts: RequestCounts;
}

/** Counts the requests of each client, and refuses those that are too many. */
export class RateLimits {
  readonly #global: Counter | undefined;
  readonly #plugins: ReadonlyMap<string, Counter>;

  private constructor(global: Counter | undefined, plugins: ReadonlyMap<string, Counter>) {
    this.#global = global;
    this.#plugins = plugins;
  }

  /** Rejects with `MISSING_REDIS_PACKAGE`. */
  static async create(
    { global, plugins, store }: RateLimitSettings,
    redis: RootRedisService,
    logger: Pick<RootLoggerService, 'warn'>,
  ): Promise<RateLimits> {
    const connection = store && (await redis.connect(store.redis));
    const time = new AtMostEvery(interval);
    const onRefusal = (error: unknown) => {
      const what = `Redis does not count requests for 'backend.rateLimit'; see 'passOnStoreError' for what happens then`;
      if (time.admits()) logger.warn(what, { error });
    };
    const counter = (limit: RateLimit, scope: string): Counter => {
      const memory = new MemoryCounts(limit.window);
      if (!connection) return { limit, counts: memory };
      const name = `${store.namespace}:rate-limit:${scope}`;
      const otherwise = limit.passOnStoreError ? undefined : memory;
      return { limit, counts: new RedisCounts(connection, { name, length: limit.window, otherwise, onRefusal }) };
    };
    return new RateLimits(
      global && counter(global, 'global'),
      new Map([...plugins].map(([pluginId, limit]) => [pluginId, counter(limit, `plugin:${pluginId}`)])),
    );
  }

  /**
   * Resolves once the request may go on, and rejects with a `TooManyRequestsError` where it may not.
   *
   * Requests that came over no socket are calls between the plugins of this process, which are not the client's.
   */
  async admit(exchange: Exchange, pluginId: string | undefined): Promise<void> {
    if (!isFromNetwork(exchange.req)) return;
    const own = pluginId === undefined ? undefined : this.#plugins.get(pluginId);
    // The narrower one last: its state is the one that is told.
    for (const counter of [this.#global, own]) if (counter) await admit(counter, exchange);
  }
}

async function admit({ limit, counts }: Counter, exchange: Exchange): Promise<void> {
  const { ip } = exchange.client;
  if (ip !== '' && limit.exempt.has(ip)) return;
  const count = await counts.add(networkOf(ip));
  if (!count) return;
  const seconds = Math.max(1, Math.ceil(count.left / 1_000));
  exchange.addHeaders([
    ['RateLimit-Limit', String(limit.requests)],
    ['RateLimit-Remaining', String(Math.max(0, limit.requests - count.requests))],
    ['RateLimit-Reset', String(seconds)],
    ['RateLimit-Policy', `${limit.requests};w=${Math.ceil(limit.window / 1_000)}`],
  ]);
  if (count.requests > limit.requests) throw new TooManyRequestsError(undefined, { retryAfter: seconds });
  if (!limit.skipFailedRequests && !limit.skipSuccessfulRequests) return;
  exchange.res.once('close', () => {
    // What was given up before it was answered is neither, and counts: else giving up would be a way around the limit.
    if (!exchange.res.headersSent) return;
    const failed = exchange.res.statusCode >= 400;
    if (failed ? limit.skipFailedRequests : limit.skipSuccessfulRequests) count.takeBack();
  });
}

/** Whoever has one IPv6 address has all of its /64. */
function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const missing = ip.includes('::') ? 8 - left.length - right.length : 0;
  return [...left, ...Array<string>(missing).fill('0'), ...right].slice(0, 4).join(':');
}
