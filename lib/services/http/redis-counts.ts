import { type RedisConnection, RedisUnavailable } from '../../api/root-redis-service.js';
import type { RequestCount, RequestCounts } from './request-counts.js';

/** Counts, whatever is there: no count, or one of a longer window, as before the configuration was changed. */
const addScript = `
local window = tonumber(ARGV[1])
local requests = redis.pcall('INCR', KEYS[1])
if type(requests) ~= 'number' then
  requests = 1
  redis.call('SET', KEYS[1], requests)
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 or left > window then
  left = window
  redis.call('PEXPIRE', KEYS[1], left)
end
return {requests, left}`;

/** Where the window is over, there is nothing to take back from. */
const takeBackScript = `return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('DECR', KEYS[1])`;

interface RedisCountsOptions {
  /** What keys begin with. */
  readonly name: string;
  /** Of a window, in ms. */
  readonly length: number;
  /** Who counts where Redis does not. */
  readonly otherwise: RequestCounts | undefined;
  readonly onRefusal: (error: unknown) => void;
}

/** In Redis, for all instances together; by others where that does not answer. */
export class RedisCounts implements RequestCounts {
  readonly #redis: RedisConnection;
  readonly #name: string;
  readonly #length: string;
  readonly #otherwise: RequestCounts | undefined;
  readonly #onRefusal: (error: unknown) => void;

  constructor(redis: RedisConnection, { name, length, otherwise, onRefusal }: RedisCountsOptions) {
    this.#redis = redis;
    this.#name = name;
    this.#length = String(Math.ceil(length));
    this.#otherwise = otherwise;
    this.#onRefusal = onRefusal;
  }

  async add(client: string): Promise<RequestCount | undefined> {
    const key = `${this.#name}:${client}`;
    try {
      const reply = await this.#redis.send('EVAL', addScript, '1', key, this.#length);
      const [requests, left] = reply as [number, number];
      const end = performance.now() + left;
      const takeBack = () => {
        if (performance.now() < end) this.#redis.send('EVAL', takeBackScript, '1', key).catch(() => {});
      };
      return { requests, left, takeBack };
    } catch (error) {
      // Of a server that is away the log has been told.
      if (!(error instanceof RedisUnavailable)) this.#onRefusal(error);
      return this.#otherwise?.add(client);
    }
  }
}
