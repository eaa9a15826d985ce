import type { AnnotatedMethod } from '../api/annotated-method.js';
import {
  HttpRouterService,
  type MountableMiddleware,
  type RouteDefinition,
  type UpgradeHandler,
  type UpgradeOptions,
  type UseOptions,
} from '../api/http-services.js';

export interface UsedMiddleware {
  readonly path: string;
  readonly middleware: MountableMiddleware;
  readonly options: UseOptions;
}

export interface AddedUpgrade {
  readonly path: string;
  readonly handler: UpgradeHandler;
  readonly options: UpgradeOptions;
}

/** Keeps what a plugin adds to its router, and answers nothing. */
export class MockHttpRouter extends HttpRouterService {
  readonly used: UsedMiddleware[] = [];
  readonly methods: AnnotatedMethod[] = [];
  readonly routes: RouteDefinition[] = [];
  readonly upgrades: AddedUpgrade[] = [];

  override use(middleware: MountableMiddleware, options?: UseOptions): void;
  override use(path: string, middleware: MountableMiddleware, options?: UseOptions): void;
  override use(...args: unknown[]): void {
    const path = typeof args[0] === 'string' ? (args.shift() as string) : '/';
    const [middleware, options = {}] = args as [MountableMiddleware, UseOptions?];
    this.used.push({ path, middleware, options });
  }

  override addMethod(method: AnnotatedMethod): void {
    this.methods.push(method);
  }

  override addRoute(route: RouteDefinition): void {
    this.routes.push(route);
  }

  override upgrade(path: string, handler: UpgradeHandler, options: UpgradeOptions = {}): void {
    this.upgrades.push({ path, handler, options });
  }
}
