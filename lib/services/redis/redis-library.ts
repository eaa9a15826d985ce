import type { RedisOptions } from '../../api/redis-options.js';
import { BackplaneError } from '../../errors/backplane-error.js';

/** What is used here of a client of `redis`. */
export interface RedisClient {
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  sendCommand(command: readonly string[]): Promise<unknown>;
  /** Waits for what was sent. */
  close(): Promise<unknown>;
  destroy(): void;
  on(event: 'error' | 'end', listener: (error?: Error) => void): void;
}

export interface RedisLibrary {
  createClient(options: object): RedisClient;
  /** What the server answers where something is wrong. */
  readonly ErrorReply: abstract new (...args: never) => Error;
}

/** The package `redis`, which only those load who speak to a server. Rejects with `MISSING_REDIS_PACKAGE`. */
export async function loadRedis(
  { path }: Pick<RedisOptions, 'path'>,
  load: () => Promise<unknown> = () => import('redis'),
): Promise<RedisLibrary> {
  try {
    return (await load()) as RedisLibrary;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new BackplaneError({
      code: 'MISSING_REDIS_PACKAGE',
      message: 'The configuration names a Redis server, but nothing is installed that speaks to one',
      path: [path],
      fix: 'npm install redis',
    });
  }
}
