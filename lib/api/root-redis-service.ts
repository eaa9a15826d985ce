import { Service } from '../../decorators/service.js';
import type { RedisOptions } from './redis-options.js';

export type RedisReply = string | number | null | readonly RedisReply[];

/** A connection that is kept up: a server that goes away is found again by itself. */
export interface RedisConnection {
  /**
   * What the server answers; commands arrive in the order in which they are sent.
   *
   * Rejects with `RedisUnavailable`, after `timeout` of its options at the latest, and at once while the server is known not
   * to answer; with `RedisRefusal` where it answers with an error.
   */
  send(...command: readonly string[]): Promise<RedisReply>;
}

/** The server is not there, or not in time. That has been logged. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
}

/** The server has answered with an error. Its text is kept back, since it may repeat what was sent. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';
  /** The word it begins with, as `OOM`. */
  readonly reply: string;

  constructor(reply: string) {
    super(`Redis answers with ${reply}`);
    this.reply = reply;
  }
}

/** The connections of a backend to Redis: one to each server, whoever uses it. Closed when the backend has stopped. */
@Service({ id: 'core.root-redis', scope: 'root', eager: false })
export abstract class RootRedisService {
  /**
   * Resolves once the server answers, or where it does not after a second: nobody needs it in order to start.
   *
   * Rejects with `MISSING_REDIS_PACKAGE`, and with `UNSUPPORTED_REDIS` where it answers and is no single server.
   */
  abstract connect(options: RedisOptions): Promise<RedisConnection>;
}
