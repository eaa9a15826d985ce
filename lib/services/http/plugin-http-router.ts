import type { Middleware } from 'koa';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import {
  HttpRouterService,
  RootHttpRouterService,
  type MountableMiddleware,
  type PluginContext,
  type PluginRequest,
  type UseOptions,
} from '../../api/http-services.js';
import { LoggerService } from '../../api/logger-service.js';
import { PluginMetadataService, RootInstanceMetadataService } from '../../api/metadata-services.js';
import { MethodNotAllowedError } from '../../errors/http-error.js';
import { reportTo } from './error-answer.js';
import { admit } from './gate.js';
import { HttpApplication } from './http-application.js';
import { below, chain, middlewareOf } from './middleware.js';
import { prefixOf } from './path-below.js';
import { refuseEncodedSeparators } from './request-target.js';
import { RouteTable } from './route-table.js';
import { routeOf } from './route.js';
import { isUsualMethod } from './usual-methods.js';

/** The routes of one plugin: the annotated ones first, then what is used, in order. Mounts itself. */
@Service({ implements: HttpRouterService })
export class PluginHttpRouter extends HttpRouterService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #root: RootHttpRouterService;
  readonly #pluginId: string;
  readonly #routes: RouteTable;
  readonly #used: Middleware[] = [];
  readonly #createApplication: () => HttpApplication;
  #application: HttpApplication | undefined;

  constructor(
    @Inject(RootHttpRouterService) root: RootHttpRouterService,
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootInstanceMetadataService) instance: RootInstanceMetadataService,
    @Inject(LoggerService) logger: LoggerService,
  ) {
    super();
    this.#root = root;
    this.#pluginId = plugin.getId();
    this.#routes = new RouteTable(this.#pluginId);
    this.#createApplication = () => new HttpApplication(instance.mode, this.#pluginId, reportTo(logger));
    root.mount({ pluginId: this.#pluginId, handle: request => this.#handle(request) });
  }

  override addMethod(method: AnnotatedMethod): TakeOut {
    const route = routeOf(method);
    this.#routes.add(route);
    return () => this.#routes.remove(route);
  }

  override use(middleware: MountableMiddleware, options?: UseOptions): void;
  override use(path: string, middleware: MountableMiddleware, options?: UseOptions): void;
  override use(...args: unknown[]): void {
    const path = typeof args[0] === 'string' ? (args.shift() as string) : '/';
    const [mountable, options = {}] = args as [MountableMiddleware, UseOptions?];
    const middleware = middlewareOf(mountable);
    const gated: Middleware = (ctx, next) => {
      admit(options.allow);
      return middleware(ctx, next);
    };
    this.#used.push(path === '/' ? gated : below(prefixOf(path), gated));
  }

  [Symbol.dispose](): void {
    this.#root.unmount(this.#pluginId);
  }

  #handle(request: PluginRequest): Promise<void> {
    this.#application ??= this.#createApplication();
    return this.#application.serve(request, ctx => this.#answer(ctx, request));
  }

  async #answer(ctx: PluginContext, request: PluginRequest): Promise<void> {
    const match = this.#routes.match(request.req.method!, request.path);
    if (!match) return this.#answerByUse(ctx, request);
    const { route, params } = match;
    admit(route.allow);
    if (route.timeout !== undefined) request.answerWithin(route.timeout);
    (ctx as { params: unknown }).params = params;
    await route.answer(ctx);
  }

  async #answerByUse(ctx: PluginContext, { path }: PluginRequest): Promise<void> {
    ctx.res.statusCode = 404;
    if (this.#used.length > 0 && isUsualMethod(ctx.method)) {
      refuseEncodedSeparators(path);
      await chain(this.#used)(ctx, () => Promise.resolve());
    }
    const unanswered = ctx.status === 404 && ctx.body === undefined && ctx.respond !== false;
    const known = unanswered ? this.#routes.methodsOf(path) : [];
    if (known.length === 0) return;
    if (ctx.method !== 'OPTIONS') throw new MethodNotAllowedError(known);
    ctx.status = 204;
    ctx.set('Allow', known.join(', '));
  }
}
