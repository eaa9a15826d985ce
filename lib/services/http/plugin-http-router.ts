import type { Middleware } from 'koa';
import { Inject, Optional } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import { RootAuditService } from '../../api/root-audit-service.js';
import { AuthService, HttpAuthService } from '../../api/auth-services.js';
import {
  type AdmittedRequest,
  HttpRouterService,
  RootHttpRouterService,
  type MountableMiddleware,
  type PluginContext,
  type PluginRequest,
  type RouteDefinition,
  type UpgradeHandler,
  type UpgradeOptions,
  type UseOptions,
} from '../../api/http-services.js';
import { LoggerService } from '../../api/logger-service.js';
import { refuseUnsoundOptions } from '../../api/route-options.js';
import { OpenApiService } from '../../api/openapi-service.js';
import { PluginMetadataService, RootInstanceMetadataService } from '../../api/metadata-services.js';
import { HttpError, MethodNotAllowedError } from '../../errors/http-error.js';
import { requestBehind } from './context-properties.js';
import { answerError, reportTo, type ErrorReporter } from './error-answer.js';
import { Gate } from './gate.js';
import { HttpApplication } from './http-application.js';
import { below, chain, middlewareOf } from './middleware.js';
import { prefixOf } from './path-below.js';
import { PluginUpgrades } from './plugin-upgrades.js';
import { refuseEncodedSeparators } from './request-target.js';
import { type Match, RouteTable } from './route-table.js';
import { behindMiddleware, contextRoute, describeRoute, soundRoute, type WithContext } from './route.js';
import { isUsualMethod } from './usual-methods.js';

/** The routes of one plugin: the annotated ones first, then what is used, in order. Mounts itself. */
@Service({ implements: HttpRouterService })
export class PluginHttpRouter extends HttpRouterService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #root: RootHttpRouterService;
  readonly #pluginId: string;
  readonly #gate: Gate;
  readonly #routes: RouteTable;
  readonly #upgrades: PluginUpgrades;
  readonly #used: Middleware[] = [];
  readonly #report: ErrorReporter;
  readonly #endDescription: (() => void) | undefined;
  readonly #createApplication: () => HttpApplication;
  #lazyApplication: HttpApplication | undefined;

  constructor(
    @Inject(RootHttpRouterService) root: RootHttpRouterService,
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootInstanceMetadataService) instance: RootInstanceMetadataService,
    @Inject(LoggerService) logger: LoggerService,
    @Inject(AuthService) auth: AuthService,
    @Inject(HttpAuthService) httpAuth: HttpAuthService,
    @Optional() @Inject(OpenApiService) openApi?: OpenApiService,
    @Optional() @Inject(RootAuditService) audit?: RootAuditService,
  ) {
    super();
    this.#root = root;
    this.#pluginId = plugin.getId();
    this.#gate = new Gate(auth, httpAuth, this.#pluginId, audit);
    this.#routes = new RouteTable(this.#pluginId);
    this.#upgrades = new PluginUpgrades(this.#pluginId);
    this.#report = reportTo(logger);
    this.#createApplication = () => new HttpApplication(instance.mode, this.#pluginId, this.#report);
    root.mount({
      pluginId: this.#pluginId,
      handle: request => this.#handle(request),
      takesUpgrade: path => this.#upgrades.match(path) !== undefined,
    });
    this.#endDescription = openApi?.add({
      pluginId: this.#pluginId,
      // What the framework answers for the plugin is none of its contract.
      routes: () => this.#routes.all().filter(({ path }) => !path.startsWith('/.backplane/')),
      admit: request => this.#gate.admit(request, undefined),
    });
  }

  override addMethod(method: AnnotatedMethod): TakeOut {
    const withContext: WithContext = (admitted, work) => {
      admitted.request.continue();
      return this.#application.serve(admitted.request, work, admitted);
    };
    return this.#add(contextRoute(method, withContext));
  }

  override addRoute(definition: RouteDefinition): TakeOut {
    return this.#add(
      behindMiddleware(definition, (admitted, work) => this.#application.serve(admitted.request, work, admitted)),
    );
  }

  #add(definition: RouteDefinition): TakeOut {
    const { allow, timeout } = definition;
    refuseUnsoundOptions({ allow, timeout }, () => describeRoute(definition), this.#pluginId, ['allow', 'timeout']);
    const route = soundRoute(definition);
    this.#routes.add(route);
    return () => this.#routes.remove(route);
  }

  override upgrade(path: string, handler: UpgradeHandler, options: UpgradeOptions = {}): TakeOut {
    refuseUnsoundOptions(options, () => `upgrade('${path}')`, this.#pluginId, ['allow', 'origins']);
    return this.#upgrades.add(path, handler, options);
  }

  override use(middleware: MountableMiddleware, options?: UseOptions): void;
  override use(path: string, middleware: MountableMiddleware, options?: UseOptions): void;
  override use(...args: unknown[]): void {
    const path = typeof args[0] === 'string' ? (args.shift() as string) : '/';
    const [mountable, options = {}] = args as [MountableMiddleware, UseOptions?];
    refuseUnsoundOptions(options, () => `use('${path}')`, this.#pluginId, ['allow']);
    const middleware = middlewareOf(mountable);
    const gated: Middleware = async (ctx, next) => {
      const request = requestBehind(ctx);
      // Middleware before this one may have begun the answer.
      const wasOver = isOver(request);
      const credentials = await this.#gate.admit(request, options.allow);
      if (!wasOver && isOver(request)) return;
      request.cameFrom(credentials);
      request.continue();
      return middleware(Object.assign(ctx, { credentials }), next);
    };
    this.#used.push(path === '/' ? gated : below(prefixOf(path), gated));
  }

  [Symbol.dispose](): void {
    this.#endDescription?.();
    this.#root.unmount(this.#pluginId);
    this.#upgrades[Symbol.dispose]();
  }

  /** Made for the first request that needs it: operations do without. */
  get #application(): HttpApplication {
    return (this.#lazyApplication ??= this.#createApplication());
  }

  /** Answers it, now or later; what goes wrong is answered as well. */
  #handle(request: PluginRequest): void {
    try {
      const upgrade = request.upgrade && this.#upgrades.match(request.path);
      const match = upgrade ?? this.#routes.match(request.req.method!, request.path);
      const answered = match
        ? this.#answer(request, match)
        : this.#application.serve(request, ctx => this.#answerByUse(ctx, request));
      answered?.catch((error: unknown) => answerError(request, error, this.#report));
    } catch (error) {
      answerError(request, error, this.#report);
    }
  }

  #answer(request: PluginRequest, { route, params }: Match): void | Promise<void> {
    request.route = route.path;
    const admitted = this.#gate.admit(request, route.allow, route.provesItself);
    return admitted instanceof Promise
      ? admitted.then(credentials =>
          isOver(request) ? undefined : answerAdmitted(route, { request, params, credentials }),
        )
      : answerAdmitted(route, { request, params, credentials: admitted });
  }

  async #answerByUse(ctx: PluginContext, { path }: PluginRequest): Promise<void> {
    ctx.res.statusCode = 404;
    if (this.#used.length > 0 && isUsualMethod(ctx.method)) {
      refuseEncodedSeparators(path);
      await chain(this.#used)(ctx, () => Promise.resolve());
    }
    const unanswered = ctx.status === 404 && ctx.body === undefined && ctx.respond !== false;
    const known = unanswered ? this.#routes.methodsOf(path) : [];
    if (unanswered && known.length === 0 && this.#upgrades.match(path)) throw upgradeRequired();
    if (known.length === 0) return;
    if (ctx.method !== 'OPTIONS') throw new MethodNotAllowedError(known);
    ctx.status = 204;
    ctx.set('Allow', known.join(', '));
  }
}

/** Whoever was asked about the caller has taken its time: the answer has been given, or nobody waits for one. */
function isOver({ res }: PluginRequest): boolean {
  return res.headersSent || res.destroyed;
}

function upgradeRequired(): HttpError {
  const headers = { Upgrade: 'websocket' };
  return new HttpError(426, 'This is answered in another protocol', { code: 'upgrade_required', headers });
}

function answerAdmitted(route: RouteDefinition, admitted: AdmittedRequest): void | Promise<void> {
  admitted.request.cameFrom(admitted.credentials);
  if (route.timeout !== undefined) admitted.request.answerWithin(route.timeout);
  return route.answer(admitted);
}
