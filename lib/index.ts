export * from '../decorators/index.js';
export { Logger, LoggerService, RootLoggerService, type LogLevel, type LogMeta } from './api/logger-service.js';
export {
  AuditSink,
  AuditorService,
  type AuditActor,
  type AuditEvent,
  type AuditEventOptions,
  type AuditRecord,
  type AuditSeverity,
} from './api/auditor-service.js';
export { AuthService, HttpAuthService, UserInfoService } from './api/auth-services.js';
export { ExternalTokenHandler, type ExternalTokenOwner } from './api/external-token-handler.js';
export { PluginKeyStore, type PublicKey, type StoredKey } from './api/plugin-key-store.js';
export { UserTokenIssuer, type UserIdentity } from './api/user-token-issuer.js';
export type {
  AccessRestriction,
  Credentials,
  NonePrincipal,
  Principal,
  PrincipalOf,
  ServicePrincipal,
  UserPrincipal,
} from './api/credentials.js';
export {
  MetricsService,
  type Counter,
  type Gauge,
  type Histogram,
  type MetricAttributes,
  type MetricOptions,
  type Observable,
  type ObservableCallback,
  type UpDownCounter,
} from './api/metrics-service.js';
export { TracingService, type Span, type SpanOptions } from './api/tracing-service.js';
export type { Call, Caller, CallOf, CallOptions, CallOptionsOf, OwnCall } from './api/call.js';
// What handlers and callers need of a contract; who writes one takes it from 'backplane/contract'.
export { isRemoteError, RemoteError, type RemoteErrorOptions } from './contract/remote-error.js';
export type { RequestOf } from './contract/request-of.js';
export type { ResponseOf } from './contract/response-of.js';
export { clientOf, type ClientOf } from './api/client-of.js';
export { WireService } from './api/wire-service.js';
export { DiscoveryService } from './api/discovery-service.js';
export { errorOf, type DeclaredErrorOptions } from './api/error-of.js';
export { RootConfigService, type Config, type JsonObject, type JsonValue } from './api/config-service.js';
export { DatabaseService } from './api/database-service.js';
export { Cache, CacheService, type CacheEntryOptions, type CacheOptions } from './api/cache-service.js';
export type { Duration } from './api/duration.js';
export { SchedulerClock } from './api/scheduler-clock.js';
export {
  SchedulerService,
  type TaskFrequency,
  type TaskFunction,
  type TaskOptions,
  type TaskRun,
  type TaskRunRecord,
  type TaskState,
} from './api/scheduler-service.js';
export {
  EventsService,
  type DeadLetter,
  type Event,
  type EventHandler,
  type PublishOptions,
  type SubscribeOptions,
} from './api/events-service.js';
export {
  WebhooksService,
  type WebhookHandler,
  type WebhookOptions,
  type WebhookRequest,
} from './api/webhooks-service.js';
export {
  githubSignature,
  hmacSignature,
  slackSignature,
  staticToken,
  stripeSignature,
  type HmacOptions,
  type HmacSignature,
  type StaticToken,
  type TokenOptions,
  type UnprovenRequest,
  type ValidateWebhook,
  type WebhookValidator,
} from './api/webhook-validators.js';
export {
  LifecycleService,
  RootLifecycleService,
  type LifecycleHook,
  type LifecycleHookOptions,
} from './api/lifecycle-service.js';
export {
  BackendStatusService,
  type BackendEvent,
  type BackendPhase,
  type PluginPhase,
  type PluginStatus,
} from './api/backend-status-service.js';
export {
  PluginMetadataService,
  RootInstanceMetadataService,
  type InstalledPlugin,
  type Mode,
} from './api/metadata-services.js';
export { OpenApiService, type DescribedPlugin } from './api/openapi-service.js';
export type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from './api/annotated-method.js';
export {
  HttpRouterService,
  RootHttpRouterService,
  type AdmittedRequest,
  type MountableMiddleware,
  type PluginContext,
  type PluginEndpoint,
  type PluginMount,
  type PluginRequest,
  type RootEndpoint,
  type RouteDefinition,
  type RequestClient,
  type RequestedUpgrade,
  type UpgradeDetails,
  type UpgradeHandler,
  type UpgradeOptions,
  type UseOptions,
} from './api/http-services.js';
export {
  RootHealthService,
  type HealthCheckResult,
  type HealthContribution,
  type HealthReport,
  type PluginHealth,
} from './api/root-health-service.js';
export { pluginView, type PluginViewable, type Viewer } from './api/plugin-view.js';
export { ModuleContext } from './api/module-context.js';
export { BackplaneError } from './errors/backplane-error.js';
export { ConfigError } from './errors/config-error.js';
export type { Problem } from './errors/problem.js';
export { BackendStartupError } from './errors/backend-startup-error.js';
export { BackendStopError } from './errors/backend-stop-error.js';
export { Backend } from './default-backend.js';
export type { BackendOptions } from './backend/backend-options.js';
export type { ScanOptions } from './backend/framework.js';
export {
  formatStartupResult,
  type ModuleStartupResult,
  type PluginStartupResult,
  type StartupFailure,
  type StartupResult,
} from './backend/startup-result.js';
export type {
  FeatureDescription,
  OwnerDescription,
  PlanDescription,
  ServiceDescription,
} from './plan/describe-plan.js';
export {
  BadRequestError,
  ConflictError,
  ForbiddenError,
  HttpError,
  MethodNotAllowedError,
  NotFoundError,
  PayloadTooLargeError,
  ServiceUnavailableError,
  TooManyRequestsError,
  UnauthenticatedError,
  UnsupportedMediaTypeError,
  type HttpErrorOptions,
  type RetryOptions,
} from './errors/http-error.js';
