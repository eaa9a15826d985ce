import type { RedisOptions } from '../../api/redis-options.js';
import { RedisRefusal } from '../../api/root-redis-service.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { UnfitServer } from './redis-greeting.js';

/** What keeps a server from being used, in the operator's words. Nothing that is secret is in it. */
export function outageOf({ server, key }: RedisOptions, error: unknown): string {
  const redis = `Redis at ${server}`;
  if (error instanceof UnfitServer) return `${redis} is of no use. ${error.message}; see '${key}'`;
  if (!(error instanceof RedisRefusal)) return `${redis} does not answer`;
  switch (error.reply) {
    case 'NOAUTH':
      return `${redis} wants a password (NOAUTH); add it to '${key}'`;
    case 'WRONGPASS':
      return `${redis} refuses the user or the password (WRONGPASS); correct '${key}'`;
    case 'NOPERM':
      return `${redis} does not permit its user to be asked for anything (NOPERM); see '${key}'`;
    default:
      return `${redis} answers with ${error.reply}; see '${key}'`;
  }
}

export function unsupportedRedis(
  { server, path }: Pick<RedisOptions, 'server' | 'path'>,
  { message }: UnfitServer,
): BackplaneError {
  return new BackplaneError({
    code: 'UNSUPPORTED_REDIS',
    message: `What answers at ${server} cannot be used. ${message}`,
    path: [path],
    fix: 'name a single server, or the address that always leads to the primary one; a cluster is not supported.',
  });
}
