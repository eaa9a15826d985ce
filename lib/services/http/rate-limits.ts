import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ServiceUnavailableError, TooManyRequestsError } from '../../errors/http-error.js';
import type { Exchange } from './exchange.js';
import { isFromNetwork } from './network-request.js';
import type { RateLimit, RateLimitSettings } from './rate-limit-settings.js';

interface Counter {
  readonly limit: RateLimit;
  readonly counts: RateLimiterMemory;
}

/** Counts the requests of each client, and refuses those that are too many. Its store is only loaded where there are limits. */
export class RateLimits {
  readonly #global: Counter | undefined;
  readonly #plugins: ReadonlyMap<string, Counter>;

  private constructor(global: Counter | undefined, plugins: ReadonlyMap<string, Counter>) {
    this.#global = global;
    this.#plugins = plugins;
  }

  static async create({ global, plugins }: RateLimitSettings): Promise<RateLimits> {
    // A bundle has what CommonJS exports only below `default`.
    const {
      default: { RateLimiterMemory },
    } = await import('rate-limiter-flexible');
    const counter = (limit: RateLimit): Counter => ({
      limit,
      counts: new RateLimiterMemory({ points: limit.requests, duration: limit.window / 1_000 }),
    });
    return new RateLimits(
      global && counter(global),
      new Map([...plugins].map(([pluginId, limit]) => [pluginId, counter(limit)])),
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
    for (const counter of [this.#global, own]) if (counter) await count(counter, exchange);
  }
}

async function count({ limit, counts }: Counter, exchange: Exchange): Promise<void> {
  const { ip } = exchange.client;
  if (ip !== '' && limit.exempt.has(ip)) return;
  const key = networkOf(ip);
  const state = await consume(counts, key, limit);
  if (!state) return;
  const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1_000));
  exchange.addHeaders([
    ['RateLimit-Limit', String(limit.requests)],
    ['RateLimit-Remaining', String(Math.max(0, state.remainingPoints))],
    ['RateLimit-Reset', String(seconds)],
    ['RateLimit-Policy', `${limit.requests};w=${Math.ceil(limit.window / 1_000)}`],
  ]);
  if (state.consumedPoints > limit.requests) throw new TooManyRequestsError(undefined, { retryAfter: seconds });
  if (!limit.skipFailedRequests && !limit.skipSuccessfulRequests) return;
  exchange.res.once('close', () => {
    // What was given up before it was answered is neither, and counts: else giving up would be a way around the limit.
    if (!exchange.res.headersSent) return;
    const failed = exchange.res.statusCode >= 400;
    if (failed ? limit.skipFailedRequests : limit.skipSuccessfulRequests) void counts.reward(key, 1);
  });
}

/** What is counted so far, this request included; `undefined` where it could not be counted and is to be let through. */
async function consume(counts: RateLimiterMemory, key: string, limit: RateLimit): Promise<RateLimiterRes | undefined> {
  try {
    return await counts.consume(key, 1);
  } catch (state) {
    if (!(state instanceof Error)) return state as RateLimiterRes;
    if (limit.passOnStoreError) return undefined;
    throw new ServiceUnavailableError(undefined, { cause: state });
  }
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
