import type { PluginContext } from '../lib/api/http-services.js';
import type { Allow } from '../lib/contract/allow.js';
import { callSiteOf, type CallSite } from './call-site.js';
import { refuseBare } from './legacy.js';
import { methodDecorator, type MethodDecoratorFor } from './method-decorator.js';

export interface RouteOptions {
  /** Who may call the route. Default: a user or a service. */
  readonly allow?: Allow;
  /** How long the answer may take, in ms; then the caller gets 503. Default: `backend.server.handlerTimeout`, 60 s. */
  readonly timeout?: number;
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a route decorator records; `path` is relative to the plugin's, `/api/<pluginId>`. */
export interface RouteAnnotation extends RouteOptions {
  readonly method: HttpMethod;
  readonly path: string;
}

type RouteDecorator = MethodDecoratorFor<(context: PluginContext) => unknown>;

const router = 'core.http-router';

/**
 * Answers `GET` requests, and `HEAD` with the same checks. What the method returns is the answer, `undefined` is 204;
 * a method that sets `ctx.body` itself is left alone.
 */
export function Get(path: string, options: RouteOptions = {}): RouteDecorator {
  return route('Get', 'GET', path, options, callSiteOf(Get));
}

/** Answers `POST` requests. See {@link Get}. */
export function Post(path: string, options: RouteOptions = {}): RouteDecorator {
  return route('Post', 'POST', path, options, callSiteOf(Post));
}

/** Answers `PUT` requests. See {@link Get}. */
export function Put(path: string, options: RouteOptions = {}): RouteDecorator {
  return route('Put', 'PUT', path, options, callSiteOf(Put));
}

/** Answers `PATCH` requests. See {@link Get}. */
export function Patch(path: string, options: RouteOptions = {}): RouteDecorator {
  return route('Patch', 'PATCH', path, options, callSiteOf(Patch));
}

/** Answers `DELETE` requests. See {@link Get}. */
export function Delete(path: string, options: RouteOptions = {}): RouteDecorator {
  return route('Delete', 'DELETE', path, options, callSiteOf(Delete));
}

function route(
  decorator: string,
  method: HttpMethod,
  path: string,
  options: RouteOptions,
  site: CallSite | undefined,
): RouteDecorator {
  refuseBare(decorator, path);
  return methodDecorator(decorator, router, { ...options, method, path } satisfies RouteAnnotation, site);
}
