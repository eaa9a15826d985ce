import type { RouteAnnotation } from '../../../decorators/routes.js';
import type { AnnotatedMethod } from '../../api/annotated-method.js';
import type { PluginContext } from '../../api/http-services.js';
import { routePathOf } from '../../api/route-path.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { chain, middlewareOf } from './middleware.js';
import { putReturned, sendReturned } from './returned-value.js';

/** One annotated method that answers requests. */
export interface Route extends RouteAnnotation {
  /** For errors only: where it stands is worked out when somebody reads it. */
  readonly source: AnnotatedMethod;
  readonly answer: (ctx: PluginContext) => unknown;
}

/** Throws `INVALID_ROUTE` where the path is none, and `INVALID_MIDDLEWARE` for what `@Use` cannot mean. */
export function routeOf(method: AnnotatedMethod): Route {
  const annotation = method.options as RouteAnnotation;
  const call = method.call as (ctx: PluginContext) => unknown;
  const path = routePath(annotation.path, method);
  return { ...annotation, path, source: method, answer: answerOf(call, method.middleware) };
}

/** Names a method for its author: `CatalogController.stats (src/catalog-controller.ts:12:3)`. */
export function describeMethod({ name, place }: AnnotatedMethod): string {
  return place ? `${name} (${place})` : name;
}

function answerOf(call: (ctx: PluginContext) => unknown, used: readonly unknown[]): Route['answer'] {
  if (used.length === 0) {
    return async ctx => sendReturned(ctx, await call(ctx));
  }
  const around = chain(used.map(middlewareOf));
  return ctx => {
    // Middleware finds what it would find with Koa: nothing has answered yet. The method has.
    ctx.res.statusCode = 404;
    return around(ctx, async () => {
      ctx.res.statusCode = 200;
      putReturned(ctx, await call(ctx));
    });
  };
}

function routePath(path: string, method: AnnotatedMethod): string {
  const kept = routePathOf(path);
  if (kept !== undefined) return kept;
  throw new BackplaneError({
    code: 'INVALID_ROUTE',
    message: `'${path}' is not the path of a route`,
    path: [`in ${describeMethod(method)}`],
    fix: `write segments of plain characters and ':name', as '/entities/:kind/:name'; use() takes a router for the rest.`,
  });
}
