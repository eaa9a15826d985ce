import type { OperationAnnotation } from '../decorators/operation.js';
import { configProblems } from './api/config-problems.js';
import { AuditSink, AuditorService } from './api/auditor-service.js';
import { AuthService, HttpAuthService, UserInfoService } from './api/auth-services.js';
import { BackendStatusService } from './api/backend-status-service.js';
import { CacheService } from './api/cache-service.js';
import { type Config, RootConfigService } from './api/config-service.js';
import { DatabaseService } from './api/database-service.js';
import { DeclaredTables } from './api/declared-tables.js';
import { DeliveryTelemetryService } from './api/delivery-telemetry-service.js';
import { DiscoveryService } from './api/discovery-service.js';
import { EventsService } from './api/events-service.js';
import { ExternalTokenHandler } from './api/external-token-handler.js';
import { HttpRouterService, RootHttpRouterService } from './api/http-services.js';
import { LifecycleService, RootLifecycleService } from './api/lifecycle-service.js';
import { LoggerService, RootLoggerService } from './api/logger-service.js';
import { MetricsService } from './api/metrics-service.js';
import { RequestTelemetryService } from './api/request-telemetry-service.js';
import { SchedulerClock } from './api/scheduler-clock.js';
import { SchedulerService, type TaskOptions } from './api/scheduler-service.js';
import { TracingService } from './api/tracing-service.js';
import { missingPackages, type NeededPackage } from './api/needed-package.js';
import { OpenApiService } from './api/openapi-service.js';
import { PluginMetadataService, RootInstanceMetadataService } from './api/metadata-services.js';
import { PluginKeyStore } from './api/plugin-key-store.js';
import { storePackages } from './api/redis-options.js';
import { RootAuditService } from './api/root-audit-service.js';
import { RootHealthService } from './api/root-health-service.js';
import { RootRedisService } from './api/root-redis-service.js';
import { RootSecretsService } from './api/root-secrets-service.js';
import { RootWireService } from './api/root-wire-service.js';
import { OperationsService, WireService } from './api/wire-service.js';
import { UserTokenIssuer } from './api/user-token-issuer.js';
import { WebhooksService } from './api/webhooks-service.js';
import type { ConfigurationRequest, Framework, LoadedConfiguration } from './backend/framework.js';
import { readConfigSection } from './plan/config-section.js';
import type { Demand } from './plan/demand.js';
import { discover } from './scan/discover.js';
import { readAuditorSettings } from './services/auditor/auditor-settings.js';
import { PluginAuditor } from './services/auditor/plugin-auditor.js';
import { RootAudit } from './services/auditor/root-audit.js';
import { AuthPluginIssuer } from './services/auth/auth-plugin-issuer.js';
import { authWarnings, hasKeysInDatabase, readAuthSettings } from './services/auth/auth-settings.js';
import { PluginAuth } from './services/auth/plugin-auth.js';
import { PluginHttpAuth } from './services/auth/plugin-http-auth.js';
import { PluginUserInfo } from './services/auth/plugin-user-info.js';
import { RootAuth } from './services/auth/root-auth.js';
import { SharingPluginAuth } from './services/auth/sharing-plugin-auth.js';
import { readCacheSettings } from './services/cache/cache-settings.js';
import { PluginCache } from './services/cache/plugin-cache.js';
import { RootCache } from './services/cache/root-cache.js';
import { ConfigSecrets } from './services/config/config-secrets.js';
import { describedKeys } from './services/config/described-keys.js';
import { collectConfigSchemas, packageFolderOf } from './services/config/package-schemas.js';
import { loadConfiguration } from './services/config/load-configuration.js';
import { DatabaseKeyStore } from './services/database/database-key-store.js';
import { databasePackages } from './services/database/database-packages.js';
import { readDatabaseSettings } from './services/database/database-settings.js';
import { PluginDatabase } from './services/database/plugin-database.js';
import { RootDatabase } from './services/database/root-database.js';
import { readDiscoverySettings } from './services/discovery/discovery-settings.js';
import { HostDiscovery } from './services/discovery/host-discovery.js';
import { eventsPackages, readEventsSettings } from './services/events/events-settings.js';
import { PluginEvents } from './services/events/plugin-events.js';
import { RootEvents } from './services/events/root-events.js';
import { BackendHealth } from './services/health/backend-health.js';
import { healthCheckFaults } from './services/health/health-check-faults.js';
import { readHttpSettings } from './services/http/http-settings.js';
import { readRateLimits } from './services/http/rate-limit-settings.js';
import { PluginHttpRouter } from './services/http/plugin-http-router.js';
import { RootHttpRouter } from './services/http/root-http-router.js';
import { PluginScheduler } from './services/scheduler/plugin-scheduler.js';
import { readSchedulerSettings } from './services/scheduler/scheduler-settings.js';
import { taskFaults } from './services/scheduler/sound-task.js';
import { SystemClock } from './services/scheduler/system-clock.js';
import { DeliveryTelemetry } from './services/telemetry/delivery-telemetry.js';
import { PluginMetrics } from './services/telemetry/plugin-metrics.js';
import { PluginTracing } from './services/telemetry/plugin-tracing.js';
import { RequestTelemetry } from './services/telemetry/request-telemetry.js';
import { readTelemetrySettings } from './services/telemetry/telemetry-settings.js';
import { LoggerSettings } from './services/logger/logger-settings.js';
import { RootLogger } from './services/logger/root-logger.js';
import { PluginLogger } from './services/logger/plugin-logger.js';
import { StatusReporter } from './services/logger/status-reporter.js';
import { RootRedis } from './services/redis/root-redis.js';
import { readOpenApiSettings } from './wire/openapi/openapi-settings.js';
import { RootOpenApi } from './wire/openapi/root-openapi.js';
import { PluginWire } from './wire/client/plugin-wire.js';
import { RootWire } from './wire/client/root-wire.js';
import { readWireSettings } from './wire/client/wire-settings.js';
import { readOperationSettings } from './wire/server/operation-settings.js';
import { PluginOperations } from './wire/server/plugin-operations.js';
import { schemaFaults } from './wire/server/schema-faults.js';
import { PluginWebhooks } from './wire/webhooks/plugin-webhooks.js';
import { webhookFaults } from './wire/webhooks/webhook-faults.js';

/** The default services and readers: the one place that knows both them and the engine. */
export const framework: Framework = {
  services: [
    ConfigSecrets,
    RootLogger,
    PluginLogger,
    StatusReporter,
    BackendHealth,
    RequestTelemetry,
    DeliveryTelemetry,
    PluginMetrics,
    PluginTracing,
    RootAudit,
    PluginAuditor,
    PluginHttpAuth,
    PluginUserInfo,
    AuthPluginIssuer,
    PluginHttpRouter,
    RootHttpRouter,
    RootOpenApi,
    HostDiscovery,
    RootWire,
    PluginWire,
    RootAuth,
    PluginOperations,
    PluginWebhooks,
    RootDatabase,
    PluginDatabase,
    PluginScheduler,
    SystemClock,
    RootRedis,
    RootCache,
    PluginCache,
    RootEvents,
    PluginEvents,
  ],
  servicesFor: config => (hasKeysInDatabase(config) ? [DatabaseKeyStore, SharingPluginAuth] : [PluginAuth]),
  coreTokens: [
    AuditSink,
    AuditorService,
    AuthService,
    BackendStatusService,
    CacheService,
    DatabaseService,
    DeclaredTables,
    DiscoveryService,
    EventsService,
    ExternalTokenHandler,
    HttpAuthService,
    HttpRouterService,
    LifecycleService,
    LoggerService,
    OpenApiService,
    OperationsService,
    PluginKeyStore,
    PluginMetadataService,
    MetricsService,
    RequestTelemetryService,
    DeliveryTelemetryService,
    TracingService,
    RootAuditService,
    RootAuth,
    RootCache,
    RootConfigService,
    RootDatabase,
    RootEvents,
    RootHealthService,
    RootHttpRouterService,
    RootInstanceMetadataService,
    RootLifecycleService,
    RootLoggerService,
    RootRedisService,
    RootSecretsService,
    RootWireService,
    SchedulerClock,
    SchedulerService,
    WireService,
    StatusReporter,
    UserInfoService,
    UserTokenIssuer,
    WebhooksService,
  ],
  // What depends on the server as well is made after whatever does not.
  doors: [RootHttpRouterService, DiscoveryService, RootWireService, RootAuth, OpenApiService],
  packageFolderOf,
  loadConfiguration: readConfiguration,
  readSection: readConfigSection,
  checkSettings: (config, root) => [
    ...configProblems(config, readHttpSettings),
    ...configProblems(config, readOpenApiSettings),
    ...configProblems(config, readDiscoverySettings),
    ...configProblems(config, readWireSettings),
    ...configProblems(config, readable => readAuthSettings(readable, root)),
    ...configProblems(config, readAuditorSettings),
    ...configProblems(config, readTelemetrySettings),
    ...configProblems(config, readOperationSettings),
    ...configProblems(config, readDatabaseSettings),
    ...configProblems(config, readSchedulerSettings),
    ...configProblems(config, readCacheSettings),
    ...configProblems(config, readEventsSettings),
    ...configProblems(config, readable => LoggerSettings.read(readable, process.env)),
  ],
  methodFaults: (service, options, owner) => {
    if (service === 'core.operations') return schemaFaults((options as OperationAnnotation).operation);
    if (service === 'core.webhooks') return webhookFaults(options, owner);
    if (service === 'core.root-health') return healthCheckFaults(options);
    return service === 'core.scheduler' ? taskFaults(options) : [];
  },
  missingPackages: (config, demand) => missingPackages(config, neededPackages(config, demand)),
  namedPlugins: config => new Set(readDiscoverySettings(config).targets.internal.keys()),
  warnOfSettings: authWarnings,
  discover: (scan, { root: folder, importTimeout }) =>
    discover({ scan, ...(folder !== undefined && { folder }), ...(importTimeout !== undefined && { importTimeout }) }),
};

function neededPackages(config: Config, demand: Demand): NeededPackage[] {
  const isGlobal = ({ options }: { readonly options: unknown }) =>
    (options as Partial<TaskOptions> | undefined)?.scope !== 'local';
  const pluginsOf = (annotated: ReturnType<Demand['annotated']>) => annotated.map(({ pluginId }) => pluginId);
  return [
    ...databasePackages(config, {
      plugins: hasKeysInDatabase(config) ? demand.plugins : demand.askersOf('core.database'),
      lasting: demand
        .annotated('core.scheduler')
        .filter(isGlobal)
        .map(({ pluginId }) => pluginId),
    }),
    ...eventsPackages(config, [...demand.askersOf('core.events'), ...pluginsOf(demand.annotated('core.webhooks'))]),
    ...demand.askersOf('core.cache').flatMap(pluginId => storePackages(config, 'backend.cache', 'store', pluginId)),
    ...(readRateLimits(config)?.store ? storePackages(config, 'backend.rateLimit.store', 'type') : []),
  ];
}

/** Files are checked by the schemas of the packages that read them; a configuration that is given as data is a test's. */
async function readConfiguration({ config, root, onWarning }: ConfigurationRequest): Promise<LoadedConfiguration> {
  const isData = typeof config === 'object' && !Array.isArray(config);
  const { schemas, problems } = isData ? { schemas: [], problems: [] } : collectConfigSchemas(root);
  const given = config === undefined ? {} : { config };
  const loaded = await loadConfiguration({
    ...given,
    root,
    onWarning,
    schemas,
    argv: process.argv.slice(2),
    watch: true,
  });
  return { ...loaded, problems: [...problems, ...loaded.problems], declared: describedKeys(schemas) };
}
