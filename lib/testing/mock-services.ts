import type { JsonObject } from '../api/config-service.js';
import type { InstalledPlugin } from '../api/metadata-services.js';
import type { CacheService } from '../api/cache-service.js';
import type { DatabaseService } from '../api/database-service.js';
import { givenCache, givenConfig, givenDatabases } from '../given-services.js';
import type { Credentials } from '../api/credentials.js';
import { MockAuditor } from './mock-auditor.js';
import { MockAuth, MockHttpAuth, MockUserInfo } from './mock-auth.js';
import { mockCredentials } from './mock-credentials.js';
import { MockEvents } from './mock-events.js';
import { MockHttpRouter } from './mock-http-router.js';
import { MockLifecycle } from './mock-lifecycle.js';
import { MockMetrics } from './mock-metrics.js';
import { MockLogger } from './mock-logger.js';
import { MockScheduler } from './mock-scheduler.js';
import { MockInstanceMetadata, MockPluginMetadata } from './mock-metadata.js';
import { type TestedPlugin, testedDatabase } from './tested-database.js';

/**
 * Stand-ins for core services, for `override(Token).withValue(…)` and for tests without a backend. `pluginMetadata` and
 * `rootInstanceMetadata` are for the latter only: a backend provides them itself.
 *
 * @example
 * const logger = mockServices.logger();
 * const plugin = new CatalogPlugin(store, logger);
 */
export const mockServices = {
  /** Keeps its entries. */
  logger: (): MockLogger => new MockLogger(),
  rootLogger: (): MockLogger => new MockLogger(),
  /** The real thing over given data; `update()` replaces it. */
  rootConfig: ({ data = {} }: { readonly data?: JsonObject } = {}): ReturnType<typeof givenConfig> => givenConfig(data),
  /** Keeps its hooks; the test runs them. */
  lifecycle: (): MockLifecycle => new MockLifecycle(),
  rootLifecycle: (): MockLifecycle => new MockLifecycle(),
  pluginMetadata: ({ pluginId = 'test' }: { readonly pluginId?: string } = {}): MockPluginMetadata =>
    new MockPluginMetadata(pluginId),
  rootInstanceMetadata: ({
    plugins = [],
    root = process.cwd(),
  }: { readonly plugins?: readonly InstalledPlugin[]; readonly root?: string } = {}): MockInstanceMetadata =>
    new MockInstanceMetadata(plugins, root),
  /** Takes and makes the tokens of `mockCredentials`, and no others. */
  auth: ({ pluginId = 'test' }: { readonly pluginId?: string } = {}): MockAuth => new MockAuth(pluginId),
  /** Takes every request without a token for one of `defaultCredentials`, by default `user:default/mock`. */
  httpAuth: ({
    pluginId = 'test',
    defaultCredentials = mockCredentials.user(),
  }: { readonly pluginId?: string; readonly defaultCredentials?: Credentials } = {}): MockHttpAuth =>
    new MockHttpAuth(pluginId, defaultCredentials),
  /** Of each user knows that they own things as themselves. */
  userInfo: (): MockUserInfo => new MockUserInfo(),
  /** SQLite in memory, with the tables of the entities, or with what the migrations make; gone when it is disposed. */
  database: (plugin: TestedPlugin = {}): DatabaseService & AsyncDisposable =>
    testedDatabase(
      givenDatabases({ config: mockServices.rootConfig(), instance: mockServices.rootInstanceMetadata() }),
      plugin,
    ),
  /** The real thing, in memory. */
  cache: ({ pluginId = 'test' }: { readonly pluginId?: string } = {}): CacheService =>
    givenCache({
      config: mockServices.rootConfig(),
      plugin: mockServices.pluginMetadata({ pluginId }),
      logger: mockServices.rootLogger(),
      metrics: mockServices.metrics(),
    }),
  /** Keeps what is measured. */
  metrics: (): MockMetrics => new MockMetrics(),
  /** Keeps the events. */
  auditor: (): MockAuditor => new MockAuditor(),
  /** Keeps the tasks; the test triggers them. */
  scheduler: ({ pluginId = 'test' }: { readonly pluginId?: string } = {}): MockScheduler => new MockScheduler(pluginId),
  /** Keeps what is published, checked by its schema; `deliver()` hands an event to who has subscribed. */
  events: (): MockEvents => new MockEvents(),
  /** Keeps what is added to it. */
  httpRouter: (): MockHttpRouter => new MockHttpRouter(),
} as const;
