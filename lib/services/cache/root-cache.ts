import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { RootLoggerService } from '../../api/logger-service.js';
import type { Counter } from '../../api/metrics-service.js';
import { pluginView, type PluginViewable } from '../../api/plugin-view.js';
import { RootRedisService } from '../../api/root-redis-service.js';
import { AtMostEvery } from '../../util/at-most-every.js';
import { CacheFaults } from './cache-faults.js';
import { type CacheSettings, readCacheSettings } from './cache-settings.js';
import type { CacheStore } from './cache-store.js';
import { Flights } from './flights.js';
import { MemoryStores } from './memory-stores.js';
import { RedisStore } from './redis-store.js';

/** How often the log is told of faults, in ms. */
const interval = 30_000;

/** What belongs to one plugin, and outlives its instance. */
export interface PluginPart {
  readonly store: CacheStore;
  readonly flights: Flights;
  readonly maxValueSize: number;
}

type StoreOf = (pluginId: string) => CacheStore;

/** What the caches of all plugins share. Plugins themselves see nothing of it. */
@Service({
  id: 'core.root-cache',
  scope: 'root',
  eager: false,
  create: [RootConfigService, RootRedisService, RootLoggerService],
})
export class RootCache implements PluginViewable<object> {
  static {
    Object.freeze(this.prototype);
  }

  /** In ms. */
  readonly defaultTtl: number | undefined;
  readonly #maxValueSize: number;
  readonly #storeOf: StoreOf;
  readonly #logger: RootLoggerService;
  readonly #time = new AtMostEvery(interval);
  readonly #parts = new Map<string, PluginPart>();

  constructor(settings: CacheSettings, storeOf: StoreOf, logger: RootLoggerService) {
    this.defaultTtl = settings.defaultTtl;
    this.#maxValueSize = settings.maxValueSize;
    this.#storeOf = storeOf;
    this.#logger = logger;
  }

  /** Rejects with `MISSING_REDIS_PACKAGE`. */
  static async create(
    config: RootConfigService,
    redis: RootRedisService,
    logger: RootLoggerService,
  ): Promise<RootCache> {
    const settings = readCacheSettings(config);
    if (!settings.redis) return this.inMemory(config, logger);
    const { namespace, maxValueSize } = settings;
    const connection = await redis.connect(settings.redis);
    const storeOf: StoreOf = id => new RedisStore(connection, `${namespace}:cache:${id}`, maxValueSize);
    return new this(settings, storeOf, logger);
  }

  /** Whatever is configured. */
  static inMemory(config: RootConfigService, logger: RootLoggerService): RootCache {
    const settings = readCacheSettings(config);
    const memory = new MemoryStores(settings.memory);
    return new this(settings, pluginId => memory.storeOf(pluginId), logger);
  }

  partOf(pluginId: string): PluginPart {
    const part = this.#parts.get(pluginId) ?? {
      store: this.#storeOf(pluginId),
      flights: new Flights(),
      maxValueSize: this.#maxValueSize,
    };
    this.#parts.set(pluginId, part);
    return part;
  }

  faultsOf(pluginId: string, errors: Counter): CacheFaults {
    return new CacheFaults(pluginId, errors, this.#logger, this.#time);
  }

  [pluginView](): object {
    return Object.freeze({});
  }
}
