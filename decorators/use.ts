import type { Middleware } from 'koa';
import { annotateMiddleware } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseStandardDecorators } from './legacy.js';

type UseDecorator = (target: object, method?: string) => void;

/**
 * Runs Koa middleware in front of one route or operation, or of all of a class; what is written first runs first.
 *
 * An operation answers by itself: when its middleware goes on after `next()`, the answer is sent and can no longer be
 * changed; and what middleware has read of the body is gone. Those that have none do without a Koa context, which is faster.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- Koa types a middleware by the state it adds; any state is welcome here.
export function Use(...middleware: Middleware<any, any>[]): UseDecorator {
  const site = callSiteOf(Use);
  return (target, method?: unknown) => {
    refuseStandardDecorators('Use', method);
    const owner = typeof target === 'function' ? target : target.constructor;
    annotateMiddleware(owner, method as string | undefined, middleware, site);
  };
}
