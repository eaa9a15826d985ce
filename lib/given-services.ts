import { CacheService } from './api/cache-service.js';
import { RootConfigService } from './api/config-service.js';
import { DatabaseService } from './api/database-service.js';
import { DeclaredTables } from './api/declared-tables.js';
import { LoggerService, RootLoggerService } from './api/logger-service.js';
import { MetricsService } from './api/metrics-service.js';
import { PluginMetadataService, RootInstanceMetadataService } from './api/metadata-services.js';
import { RootRedisService } from './api/root-redis-service.js';
import { PluginCache } from './services/cache/plugin-cache.js';
import { RootCache } from './services/cache/root-cache.js';
import { configOfData } from './services/config/config-of-data.js';
import { PluginDatabase } from './services/database/plugin-database.js';
import { RootDatabase } from './services/database/root-database.js';
import { keptTask } from './services/scheduler/scheduler-errors.js';
import { RootRedis } from './services/redis/root-redis.js';

/** A configuration that a test gives and replaces. */
export const givenConfig = configOfData;
export type GivenConfig = ReturnType<typeof configOfData>;

/** Databases without a backend, of as many plugins as need one: for tests. */
export function givenDatabases({
  config,
  instance,
}: GivenRootServices): (tables: DeclaredTables, services: GivenServices) => DatabaseService & AsyncDisposable {
  const root = new RootDatabase(config, instance);
  return (tables, { plugin, logger }) => new PluginDatabase(plugin, tables, root, { addCheck: () => {} }, logger);
}

interface GivenRootServices {
  readonly config: RootConfigService;
  readonly instance: RootInstanceMetadataService;
}

/** The options of a task as they are kept, for tests. Throws `INVALID_TASK` and `DUPLICATE_TASK`. */
export const givenTask = keptTask;
/** A cache without a backend, in memory: for tests. */
export function givenCache({ config, plugin, logger, metrics }: GivenCacheServices): CacheService {
  return new PluginCache(plugin, RootCache.inMemory(config, logger), metrics);
}

/** Caches of plugins without a backend, where the configuration says: for tests. */
export async function givenCaches(
  redis: RootRedisService,
  { config, logger, metrics }: Omit<GivenCacheServices, 'plugin'>,
): Promise<(plugin: PluginMetadataService) => CacheService> {
  const root = await RootCache.create(config, redis, logger);
  return plugin => new PluginCache(plugin, root, metrics);
}

/** Connections to Redis without a backend: for tests. */
export function givenRedis(logger: RootLoggerService): RootRedisService & AsyncDisposable {
  return new RootRedis(logger);
}

interface GivenCacheServices {
  readonly config: RootConfigService;
  readonly plugin: PluginMetadataService;
  readonly logger: RootLoggerService;
  readonly metrics: MetricsService;
}

interface GivenServices {
  readonly plugin: PluginMetadataService;
  readonly logger: LoggerService;
}
