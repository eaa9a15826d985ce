import type { Duration } from '../../api/duration.js';
import { parseDuration } from '../../util/duration.js';
import { invalidTtl } from './cache-errors.js';

/** A hundred years, in ms: far from what a store could not count. */
export const longestTtl = 100 * 365 * 86_400_000;

/** In ms, `undefined` for `undefined`. Throws `INVALID_CACHE_TTL`: an entry that ends at once is a mistake. */
export function readTtl(ttl: Duration | undefined, pluginId: string): number | undefined {
  if (ttl === undefined) return undefined;
  const duration = parseDuration(ttl);
  if (duration === undefined || !(duration > 0) || duration > longestTtl) throw invalidTtl(ttl, pluginId);
  return Math.ceil(duration);
}
