import type { RootLoggerService } from '../../api/logger-service.js';
import type { Counter } from '../../api/metrics-service.js';
import { RedisRefusal, RedisUnavailable } from '../../api/root-redis-service.js';
import type { AtMostEvery } from '../../util/at-most-every.js';
import { AlteredEntry } from './cache-store.js';

/** Counts what goes wrong with the cache of one plugin, and tells the log of it now and then. */
export class CacheFaults {
  readonly #pluginId: string;
  readonly #errors: Counter;
  readonly #logger: Pick<RootLoggerService, 'warn'>;
  readonly #time: AtMostEvery;

  /** `time` is that of the log, for all plugins together. */
  constructor(pluginId: string, errors: Counter, logger: Pick<RootLoggerService, 'warn'>, time: AtMostEvery) {
    this.#pluginId = pluginId;
    this.#errors = errors;
    this.#logger = logger;
    this.#time = time;
  }

  /** Gives whether the store is there, and only this did not work. */
  add(operation: string, error: unknown): boolean {
    if (error instanceof RedisUnavailable) {
      // Who keeps the connection has told the log.
      this.#count(operation, 'unavailable');
      return false;
    }
    if (error instanceof AlteredEntry) {
      this.altered();
    } else {
      this.#count(operation, 'refused');
      const what = error instanceof RedisRefusal ? `answers with ${error.reply}` : 'fails';
      this.#warn(`The store of the cache ${what}; entries are not kept, or not found`, { error });
    }
    return true;
  }

  altered(): void {
    this.#count('get', 'altered');
    this.#warn('An entry of the cache is not what was put there, and is ignored');
  }

  tooLarge(size: number, limit: number): void {
    this.#count('set', 'too-large');
    this.#warn(`A value is too large for the cache, and is not kept; see 'backend.cache.maxValueSize'`, {
      size,
      limit,
    });
  }

  #count(operation: string, reason: string): void {
    this.#errors.add(1, { operation, reason });
  }

  #warn(message: string, meta: Record<string, unknown> = {}): void {
    if (this.#time.admits()) this.#logger.warn(message, { plugin: this.#pluginId, ...meta });
  }
}
