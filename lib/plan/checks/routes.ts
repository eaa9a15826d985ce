import type { RouteAnnotation } from '../../../decorators/routes.js';
import { at } from '../declaration.js';
import type { MethodPlan, OwnerPlan } from '../owner-plan.js';
import { describeOwner, type Report } from '../trail.js';

/** Two routes of one plugin that answer the same requests. */
export function checkRoutes(owners: readonly OwnerPlan[], report: Report): void {
  const seen = new Map<string, { owner: OwnerPlan; method: MethodPlan }>();
  for (const owner of owners) {
    for (const method of owner.methods) {
      const route = routeOf(method);
      if (!route) continue;
      const place = `@${method.annotation.decorator} ${method.record.name}.${method.annotation.method}()${at(method.annotation.site)}`;
      if (!route.path.startsWith('/')) {
        report({
          code: 'INVALID_ROUTE',
          message: `Path '${route.path}' does not start with a slash`,
          path: [`in ${describeOwner(owner.owner)}`, `-> ${place}`],
          fix: `write '/${route.path}'.`,
        });
      }
      const shape = `${route.method} ${route.path.replaceAll(/:[^/]+/g, ':')}`;
      const earlier = seen.get(shape);
      if (!earlier) seen.set(shape, { owner, method });
      else {
        const first = earlier.method;
        report({
          code: 'COLLIDING_ROUTE',
          message: `Two methods answer ${route.method} ${route.path} of plugin '${owner.owner.pluginId}'`,
          path: [
            `in ${describeOwner(earlier.owner.owner)}`,
            `-> @${first.annotation.decorator} ${first.record.name}.${first.annotation.method}()${at(first.annotation.site)}`,
            `-> and ${place}`,
          ],
          fix: 'give one of the two another path.',
        });
      }
    }
  }
}

function routeOf({ annotation, options }: MethodPlan): RouteAnnotation | undefined {
  return annotation.service === 'core.http-router' ? (options as RouteAnnotation) : undefined;
}
