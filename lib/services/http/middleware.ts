import type { Context, Middleware, Next } from 'koa';
import type { MountableMiddleware } from '../../api/http-services.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { pathBelow } from './path-below.js';

/** The function behind what `use()` takes. Throws `INVALID_MIDDLEWARE` where there is none. */
export function middlewareOf(mountable: unknown): Middleware {
  const middleware = isRouter(mountable) ? mountable.routes() : mountable;
  if (typeof middleware !== 'function') {
    throw new BackplaneError({
      code: 'INVALID_MIDDLEWARE',
      message: 'What is used is neither Koa middleware nor a router',
      path: [],
      fix: 'pass a function (ctx, next), or an object whose routes() gives one, as a Router of @koa/router.',
    });
  }
  return middleware as Middleware;
}

/** One middleware of several: each runs the rest with its `next()`, which may be called once. */
export function chain(middleware: readonly Middleware[]): Middleware {
  return (ctx, next) => {
    let started = -1;
    const run = async (index: number): Promise<unknown> => {
      if (index <= started) throw new Error('next() was called more than once');
      started = index;
      const current = middleware[index];
      return current ? current(ctx, () => run(index + 1)) : next();
    };
    return run(0);
  };
}

/** Middleware for what is at or below `prefix` only, which it does not see; what is not passes by. */
export function below(prefix: string, middleware: Middleware): Middleware {
  return async (ctx: Context, next: Next) => {
    const path = pathBelow(prefix, ctx.path);
    if (path === undefined) return next();
    const outer = ctx.url;
    ctx.url = path + ctx.search;
    try {
      return await middleware(ctx, async () => {
        const inner = ctx.url;
        ctx.url = outer;
        await next();
        ctx.url = inner;
      });
    } finally {
      ctx.url = outer;
    }
  };
}

function isRouter(value: unknown): value is Extract<MountableMiddleware, { routes(): unknown }> {
  return typeof value === 'object' && value !== null && 'routes' in value && typeof value.routes === 'function';
}
