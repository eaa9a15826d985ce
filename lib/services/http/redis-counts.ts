import type { RedisConnection } from '../../api/root-redis-service.js';
import type { RequestCount, RequestCounts } from './request-counts.js';

const addScript = `
local requests = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {requests, left}`;

/** Where the window is over, there is nothing to take back from. */
const takeBackScript = `return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('DECR', KEYS[1])`;

/** In Redis, for all instances together; by others where that does not answer. */
export class RedisCounts implements RequestCounts {
  readonly #redis: RedisConnection;
  readonly #name: string;
  readonly #length: string;
  readonly #otherwise: RequestCounts | undefined;

  /** `name` is what keys begin with, `length` that of a window, in ms. */
  constructor(redis: RedisConnection, name: string, length: number, otherwise: RequestCounts | undefined) {
    this.#redis = redis;
    this.#name = name;
    this.#length = String(Math.ceil(length));
    this.#otherwise = otherwise;
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
    } catch {
      return this.#otherwise?.add(client);
    }
  }
}
