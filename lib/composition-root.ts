import { configProblems } from './api/config-problems.js';
import { AuthService, HttpAuthService } from './api/auth-services.js';
import { BackendStatusService } from './api/backend-status-service.js';
import { RootConfigService } from './api/config-service.js';
import { HttpRouterService, RootHttpRouterService } from './api/http-services.js';
import { LifecycleService, RootLifecycleService } from './api/lifecycle-service.js';
import { LoggerService, RootLoggerService } from './api/logger-service.js';
import { OpenApiService } from './api/openapi-service.js';
import { PluginMetadataService, RootInstanceMetadataService } from './api/metadata-services.js';
import { RootHealthService } from './api/root-health-service.js';
import { RootSecretsService } from './api/root-secrets-service.js';
import { OperationsService } from './api/wire-service.js';
import type { ConfigurationRequest, Framework, LoadedConfiguration } from './backend/framework.js';
import { readConfigSection } from './plan/config-section.js';
import { discover } from './scan/discover.js';
import { PluginAuth } from './services/auth/plugin-auth.js';
import { PluginHttpAuth } from './services/auth/plugin-http-auth.js';
import { configOfData } from './services/config/config-of-data.js';
import { ConfigSecrets } from './services/config/config-secrets.js';
import { collectConfigSchemas, packageFolderOf } from './services/config/package-schemas.js';
import { loadConfiguration } from './services/config/load-configuration.js';
import { BackendHealth } from './services/health/backend-health.js';
import { readHttpSettings } from './services/http/http-settings.js';
import { PluginHttpRouter } from './services/http/plugin-http-router.js';
import { RootHttpRouter } from './services/http/root-http-router.js';
import { LoggerSettings } from './services/logger/logger-settings.js';
import { RootLogger } from './services/logger/root-logger.js';
import { PluginLogger } from './services/logger/plugin-logger.js';
import { StatusReporter } from './services/logger/status-reporter.js';
import { readOpenApiSettings } from './wire/openapi/openapi-settings.js';
import { RootOpenApi } from './wire/openapi/root-openapi.js';
import { readOperationSettings } from './wire/server/operation-settings.js';
import { PluginOperations } from './wire/server/plugin-operations.js';

/** The default services and readers: the one place that knows both them and the engine. */
export const framework: Framework = {
  services: [
    ConfigSecrets,
    RootLogger,
    PluginLogger,
    StatusReporter,
    BackendHealth,
    PluginAuth,
    PluginHttpAuth,
    PluginHttpRouter,
    RootHttpRouter,
    RootOpenApi,
    PluginOperations,
  ],
  coreTokens: [
    AuthService,
    BackendStatusService,
    HttpAuthService,
    HttpRouterService,
    LifecycleService,
    LoggerService,
    OpenApiService,
    OperationsService,
    PluginMetadataService,
    RootConfigService,
    RootHealthService,
    RootHttpRouterService,
    RootInstanceMetadataService,
    RootLifecycleService,
    RootLoggerService,
    RootSecretsService,
    StatusReporter,
  ],
  doors: [RootHttpRouterService, OpenApiService],
  loadConfiguration: readConfiguration,
  readSection: readConfigSection,
  checkSettings: config => [
    ...configProblems(config, readHttpSettings),
    ...configProblems(config, readOpenApiSettings),
    ...configProblems(config, readOperationSettings),
    ...configProblems(config, readable => LoggerSettings.read(readable, process.env)),
  ],
  discover: (scan, root) => discover({ scan, ...(root !== undefined && { folder: root }) }),
};

/** A configuration that a test gives and replaces. */
export const givenConfig = configOfData;
export type GivenConfig = ReturnType<typeof configOfData>;

/** Files are checked by the schemas of the packages that read them; a configuration that is given as data is a test's. */
async function readConfiguration({ config, root, onWarning }: ConfigurationRequest): Promise<LoadedConfiguration> {
  const isData = typeof config === 'object' && !Array.isArray(config);
  const folder = packageFolderOf(root);
  const { schemas, problems } = isData ? { schemas: [], problems: [] } : collectConfigSchemas(folder);
  const given = config === undefined ? {} : { config };
  const loaded = await loadConfiguration({
    ...given,
    root: folder,
    onWarning,
    schemas,
    argv: process.argv.slice(2),
    watch: true,
  });
  return { ...loaded, problems: [...problems, ...loaded.problems] };
}
