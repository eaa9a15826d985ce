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
import { stopGracefully } from './graceful-stop.js';
import { HealthRoutes } from './health-routes.js';
import { HttpServer } from './http-server.js';
import { readHttpSettings, type HttpSettings } from './http-settings.js';
import { OpenExchanges } from './open-exchanges.js';
import { PluginDoors } from './plugin-doors.js';
import { RateLimits } from './rate-limits.js';
import { RequestLog } from './request-log.js';
import { ResponseHeads } from './response-head.js';
import { RootMiddleware } from './root-middleware.js';
import { RootPaths } from './root-paths.js';
import { RootRouterView } from './root-router-view.js';
import { certificateOf } from './self-signed-certificate.js';
import { readTlsSettings } from './tls-settings.js';
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
  readonly #open: OpenExchanges;
  readonly #doors: PluginDoors;
  readonly #paths = new RootPaths();
  readonly #heads: ResponseHeads;
  readonly #dispatcher: Dispatcher;
  readonly #internalDispatcher: Dispatcher;
  readonly #hurry = new AbortController();
  readonly #unsubscribe: () => void;
  #server: HttpServer | undefined;
  #internalServer: HttpServer | undefined;
  #renewals: { unsubscribe(): void } | undefined;
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
    this.#heads = new ResponseHeads(settings.securityHeaders, settings.compression);
    const terms = { report: reportTo(logger), heads: this.#heads, trust: settings.trust, observe: telemetry?.observe };
    const log = settings.requestLog ? new RequestLog(logger) : undefined;
    this.#open = new OpenExchanges(settings.server.handlerTimeout, terms, log);
    this.#doors = new PluginDoors(status, settings.waitingRoom);
    const stations = {
      open: this.#open,
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
    this.#internalDispatcher = new Dispatcher(
      { ...stations, cors: undefined, limits: undefined },
      { isOutside: false },
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
    return this.#server?.address;
  }

  override get handler(): RootHttpRouterService['handler'] {
    return this.#dispatcher.handler;
  }

  override handleLocal(req: IncomingMessage, res: ServerResponse, callerId: string): void {
    this.#dispatcher.handleLocal(req, res, callerId);
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
      this.#paths.add(path, pluginId, exchange => runOnAccount(account, () => served.serve(exchange)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hurry.abort();
    await this.#stopped?.catch(() => {}); // Whoever ran the hook has been told.
    this.#renewals?.unsubscribe();
    this.#open.cut();
    await Promise.all([this.#server?.close(), this.#internalServer?.close()]);
    this.#open[Symbol.dispose]();
    this.#unsubscribe();
  }

  get #shutdownDelay(): number {
    return this.#settings.serverShutdownDelay ?? (this.#instance.mode === 'production' ? 5_000 : 0);
  }

  async #listen(config: RootConfigService): Promise<void> {
    const { listen, internalListen, server: limits, tls } = this.#settings;
    const shared = { limits, open: this.#open, headers: this.#heads.text };
    try {
      if (listen) {
        const certificate = tls && (await certificateOf(tls));
        this.#server = await HttpServer.listen(listen, { ...shared, dispatcher: this.#dispatcher, certificate });
        if (tls) this.#renewals = config.subscribe(() => void this.#renew(config));
        this.#logger.info(`Listening at ${this.#server.url}`, { ...this.address });
      }
      if (internalListen) {
        const options = { ...shared, dispatcher: this.#internalDispatcher, certificate: undefined };
        this.#internalServer = await HttpServer.listen(internalListen, options);
        this.#logger.info(`Listening at ${this.#internalServer.url}, also for internal endpoints`);
      }
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A certificate is renewed while the backend runs. */
  async #renew(config: RootConfigService): Promise<void> {
    try {
      const tls = readTlsSettings(config);
      if (tls) this.#server?.renew(await certificateOf(tls));
    } catch (error) {
      this.#logger.error('The certificate is invalid; the previous one stays in use', { error });
    }
  }

  #stop(): Promise<void> {
    const { urgent } = this.#status;
    const { drainTimeout } = this.#settings;
    this.#stopped ??= stopGracefully(
      this.#server,
      this.#open,
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
