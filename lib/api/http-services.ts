import type { Server } from 'node:http';
import type { Middleware, ParameterizedContext } from 'koa';
import type { Allow } from '../../decorators/routes.js';
import { Service } from '../../decorators/service.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver } from './annotated-method.js';

/** The Koa context of a request to a plugin. `ctx.path` is relative to the plugin; `ctx.state` is the plugin's own. */
export type PluginContext = ParameterizedContext & {
  /** The values of the route's `:name` segments, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly pluginId: string;
  readonly requestId: string;
};

/** Koa middleware, or anything with `routes()` that gives one, such as a router of `@koa/router`. */
// oxlint-disable-next-line typescript/no-explicit-any -- Koa types a middleware by the state it adds; any state is welcome here.
export type MountableMiddleware = Middleware<any, any, any> | { routes(): unknown };

export interface UseOptions {
  /** Who may pass. Without it a user or a service is required. */
  readonly allow?: Allow;
}

/** The routes of one plugin, at `/api/<pluginId>`. Requests wait until the plugin is ready. */
@Service({ id: 'core.http-router', scope: 'plugin' })
export abstract class HttpRouterService implements AnnotatedMethodReceiver {
  /** Adds middleware or a router behind the plugin's path; it is asked after the annotated routes. */
  abstract use(middleware: MountableMiddleware, options?: UseOptions): void;
  /** The same, for what is below `path` only, which middleware then does not see. */
  abstract use(path: string, middleware: MountableMiddleware, options?: UseOptions): void;
  abstract addMethod(method: AnnotatedMethod): void;
}

/** What a plugin answers with; the root router asks it for every request below `/api/<pluginId>`. */
export interface PluginMount {
  readonly pluginId: string;
  /** `path` is what follows the plugin's path, and starts with a slash. */
  handle(context: ParameterizedContext, path: string): Promise<void>;
}

/** The HTTP server of the backend, and what it answers outside of the plugins. */
@Service({ id: 'core.root-http-router', scope: 'root' })
export abstract class RootHttpRouterService {
  /** Answers what is at or below `path`. Throws `ROUTE_CONFLICT` where another path covers it, or it is reserved. */
  abstract use(path: string, middleware: MountableMiddleware): void;
  /** Takes the requests of one plugin. What a plugin is given mounts only itself. */
  abstract mount(mount: PluginMount): void;
  abstract unmount(pluginId: string): void;
  /** Where it listens; `undefined` where it does not. */
  abstract readonly address: { readonly host: string; readonly port: number } | undefined;
  /** The handler behind the server, for those who bring their own server or none. */
  abstract readonly handler: Parameters<Server['on']>[1];
}
