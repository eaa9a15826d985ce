import type { IncomingMessage, ServerResponse } from 'node:http';
import { Service } from '../../../decorators/service.js';
import { runOnAccount } from '../../api/attribution.js';
import { BackendStatusService, type BackendEvent } from '../../api/backend-status-service.js';
import { RootConfigService } from '../../api/config-service.js';
import {
  RootHttpRouterService,
  type MountableMiddleware,
  type PluginEndpoint,
  type PluginMount,
  type RootEndpoint,
} from '../../api/http-services.js';
import { RootLifecycleService } from '../../api/lifecycle-service.js';
import { RootLoggerService } from '../../api/logger-service.js';
import { RootInstanceMetadataService } from '../../api/metadata-services.js';
import { pluginView, type PluginViewable, type Viewer } from '../../api/plugin-view.js';
import { RequestTelemetryService } from '../../api/request-telemetry-service.js';
import { RootHealthService } from '../../api/root-health-service.js';
import { RootRedisService } from '../../api/root-redis-service.js';
import { Dispatcher } from './dispatcher.js';
import { reportTo } from './error-answer.js';
import { HealthRoutes } from './health-routes.js';
import { readHttpSettings, type HttpSettings } from './http-settings.js';
import { Listeners } from './listeners.js';
import { OpenExchanges } from './open-exchanges.js';
import { PluginDoors } from './plugin-doors.js';
import { RateLimits } from './rate-limits.js';
import { RequestLog } from './request-log.js';
import { ResponseHeads } from './response-head.js';
import { RootMiddleware } from './root-middleware.js';
import { RootPaths } from './root-paths.js';
import { RootRouterView } from './root-router-view.js';
import { UpgradeRoom } from './upgrade-room.js';

/** The HTTP server: listens from its construction on, and stops without losing a request. */
@Service({
  implements: RootHttpRouterService,
  create: [
    RootConfigService,
    RootInstanceMetadataService,
    BackendStatusService,
    RootLifecycleService,
    RootHealthService,
    RootLoggerService,
    RootRedisService,
    RequestTelemetryService,
  ],
})
export class RootHttpRouter extends RootHttpRouterService implements PluginViewable<RootHttpRouterService> {
  readonly #settings: HttpSettings;
  readonly #instance: RootInstanceMetadataService;
  readonly #status: BackendStatusService;
  readonly #logger: RootLoggerService;
  readonly #doors: PluginDoors;
  readonly #paths = new RootPaths();
  readonly #dispatcher: Dispatcher;
  readonly #internalDispatcher: Dispatcher;
  readonly #listeners: Listeners;
  readonly #hurry = new AbortController();
  readonly #unsubscribe: () => void;
  #stopped: Promise<void> | undefined;

  constructor(
    settings: HttpSettings,
    instance: RootInstanceMetadataService,
    status: BackendStatusService,
    health: RootHealthService,
    logger: RootLoggerService,
    limits: RateLimits | undefined,
    telemetry: RequestTelemetryService | undefined,
  ) {
    super();
    this.#settings = settings;
    this.#instance = instance;
    this.#status = status;
    this.#logger = logger;
    const heads = new ResponseHeads(settings.securityHeaders, settings.compression);
    const terms = { report: reportTo(logger), heads, trust: settings.trust, observe: telemetry?.observe };
    const log = settings.requestLog ? new RequestLog(logger) : undefined;
    const open = new OpenExchanges(settings.server, terms, log);
    const internalOpen = settings.internalListen ? new OpenExchanges(settings.server, terms, log) : open;
    this.#doors = new PluginDoors(status, settings.waitingRoom);
    const stations = {
      open,
      cors: settings.cors,
      limits,
      doors: this.#doors,
      health: new HealthRoutes(health, settings.health),
      paths: this.#paths,
      maxHops: settings.server.maxHops,
      maxHeaders: settings.server.maxHeadersCount,
      upgrades: new UpgradeRoom(settings.waitingRoom.capacity, settings.cors, settings.ownOrigin),
    };
    this.#dispatcher = new Dispatcher(stations, { isOutside: settings.internalListen !== undefined });
    const internalStations = { ...stations, open: internalOpen, cors: undefined, limits: undefined };
    this.#internalDispatcher = new Dispatcher(internalStations, { isOutside: false });
    this.#listeners = new Listeners(
      settings,
      { open, dispatcher: this.#dispatcher },
      { open: internalOpen, dispatcher: this.#internalDispatcher },
      { headers: heads.text, logger },
    );
    this.#unsubscribe = status.subscribe(event => this.#observe(event));
  }

  /** Listens, unless `backend.listen` is `false`; until a plugin is ready its requests wait. */
  static async create(
    config: RootConfigService,
    instance: RootInstanceMetadataService,
    status: BackendStatusService,
    lifecycle: RootLifecycleService,
    health: RootHealthService,
    logger: RootLoggerService,
    redis: RootRedisService,
    telemetry?: RequestTelemetryService,
  ): Promise<RootHttpRouter> {
    const settings = readHttpSettings(config);
    const limits = settings.rateLimits && (await RateLimits.create(settings.rateLimits, redis, logger));
    const router = new this(settings, instance, status, health, logger, limits, telemetry);
    await router.#listen(config);
    const timeout = router.#shutdownDelay + settings.drainTimeout + 5_000;
    lifecycle.addBeforeShutdownHook(() => router.#stop(), { name: 'http server', timeout });
    return router;
  }

  override get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#listeners.address;
  }

  override get url(): string | undefined {
    return this.#listeners.url;
  }

  override get internalUrl(): string | undefined {
    return this.#listeners.internalUrl;
  }

  override get handler(): RootHttpRouterService['handler'] {
    return this.#dispatcher.handler;
  }

  override handleLocal(req: IncomingMessage, res: ServerResponse, callerId: string): void {
    this.#internalDispatcher.handleLocal(req, res, callerId);
  }

  override use(path: string, middleware: MountableMiddleware): void {
    const served = new RootMiddleware(middleware, this.#instance.mode, undefined, this.#logger);
    this.#paths.add(path, undefined, exchange => served.serve(exchange));
  }

  override mount(mount: PluginMount): void {
    this.#doors.mount(mount);
  }

  override unmount(pluginId: string): void {
    this.#doors.unmount(pluginId);
  }

  override addEndpoint(endpoint: PluginEndpoint): () => void {
    return this.#doors.addEndpoint(endpoint);
  }

  override addRootEndpoint(endpoint: RootEndpoint): void {
    this.#paths.addEndpoint(endpoint);
  }

  [pluginView](viewer: Viewer): RootHttpRouterService {
    const { pluginId } = viewer;
    const account = Object.freeze({ backend: this.#status, pluginId });
    return new RootRouterView(this, viewer, (path, middleware) => {
      const served = new RootMiddleware(middleware, this.#instance.mode, pluginId, this.#logger);
      this.#paths.add(path, pluginId, exchange => {
        exchange.account = account;
        return runOnAccount(account, () => served.serve(exchange));
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hurry.abort();
    await this.#stopped?.catch(() => {}); // Whoever ran the hook has been told.
    await this.#listeners[Symbol.asyncDispose]();
    this.#unsubscribe();
  }

  get #shutdownDelay(): number {
    return this.#settings.serverShutdownDelay ?? (this.#instance.mode === 'production' ? 5_000 : 0);
  }

  async #listen(config: RootConfigService): Promise<void> {
    try {
      await this.#listeners.listen(config);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  #stop(): Promise<void> {
    const { urgent } = this.#status;
    const { drainTimeout } = this.#settings;
    this.#stopped ??= this.#listeners.stop(
      { delay: urgent ? 0 : this.#shutdownDelay, timeout: urgent ? Math.min(4_000, drainTimeout) : drainTimeout },
      this.#hurry.signal,
    );
    return this.#stopped;
  }

  #observe(event: BackendEvent): void {
    if (event.type === 'plugin-phase') {
      this.#doors.update(event.pluginId);
      if (event.phase === 'failed' || event.phase === 'stopped') this.#paths.removeOf(event.pluginId);
    } else if (event.type === 'backend-phase') {
      this.#doors.update();
    }
  }
}
