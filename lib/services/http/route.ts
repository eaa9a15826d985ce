import type { RouteAnnotation } from '../../../decorators/routes.js';
import type { AnnotatedMethod } from '../../api/annotated-method.js';
import type { AdmittedRequest, PluginContext, RouteDefinition } from '../../api/http-services.js';
import { routePathOf } from '../../contract/route-path.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { chain, middlewareOf } from './middleware.js';
import { putReturned, sendReturned } from './returned-value.js';

/** Gives a request its Koa context, runs `work` with it, and sends what it leaves there. */
export type WithContext = (admitted: AdmittedRequest, work: (ctx: PluginContext) => Promise<void>) => Promise<void>;

/** The route behind an annotated method. Throws `INVALID_MIDDLEWARE` for what `@Use` cannot mean. */
export function contextRoute(method: AnnotatedMethod, withContext: WithContext): RouteDefinition {
  const call = method.call as (ctx: PluginContext) => unknown;
  const work = workOf(call, method.middleware);
  return {
    ...(method.options as RouteAnnotation),
    source: method,
    answer: admitted => withContext(admitted, work),
  };
}

/** The same route behind the middleware of its method, if it has any; only that then sees a Koa context. */
export function behindMiddleware(route: RouteDefinition, withContext: WithContext): RouteDefinition {
  const used = route.source?.middleware ?? [];
  if (used.length === 0) return route;
  const around = chain(used.map(middlewareOf));
  const answer: RouteDefinition['answer'] = admitted =>
    withContext(admitted, async ctx => {
      ctx.res.statusCode = 404;
      await around(ctx, async () => route.answer(admitted));
    });
  return { ...route, answer };
}

/** The route with its path as it is matched; throws `INVALID_ROUTE` where that is none. */
export function soundRoute(route: RouteDefinition): RouteDefinition {
  const path = routePathOf(route.path);
  if (path === route.path) return route;
  if (path !== undefined) return { ...route, path, answer: admitted => route.answer(admitted) };
  throw new BackplaneError({
    code: 'INVALID_ROUTE',
    message: `'${route.path}' is not the path of a route`,
    path: [`in ${describeRoute(route)}`],
    fix: `write segments of plain characters and ':name', as '/entities/:kind/:name'; use() takes a router for the rest.`,
  });
}

/** Names a route for its author: `CatalogController.stats (src/catalog-controller.ts:12:3)`. */
export function describeRoute({ method, path, source }: RouteDefinition): string {
  if (!source) return `${method} ${path}`;
  return source.place ? `${source.name} (${source.place})` : source.name;
}

function workOf(call: (ctx: PluginContext) => unknown, used: readonly unknown[]) {
  if (used.length === 0) {
    return async (ctx: PluginContext) => sendReturned(ctx, await call(ctx));
  }
  const around = chain(used.map(middlewareOf));
  return async (ctx: PluginContext) => {
    // Middleware finds what it would find with Koa: nothing has answered yet. The method has.
    ctx.res.statusCode = 404;
    await around(ctx, async () => {
      ctx.res.statusCode = 200;
      putReturned(ctx, await call(ctx));
    });
  };
}
