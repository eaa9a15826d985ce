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
      if (!route.path.startsWith('/')) {
        report({
          code: 'INVALID_ROUTE',
          message: `Path '${route.path}' does not start with a slash`,
          path: [`in ${describeOwner(owner.owner)}`, `-> ${describeMethod(method)}`],
          fix: `write '/${route.path}'.`,
        });
      }
      const shape = `${route.method} ${route.path.replaceAll(/:[^/]+/g, ':')}`;
      const earlier = seen.get(shape);
      if (!earlier) seen.set(shape, { owner, method });
      else {
        report({
          code: 'COLLIDING_ROUTE',
          message: `Two methods answer ${route.method} ${route.path} of plugin '${owner.owner.pluginId}'`,
          path: [
            `in ${describeOwner(earlier.owner.owner)}`,
            `-> ${describeMethod(earlier.method)}`,
            `-> and ${describeMethod(method)}`,
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

function describeMethod({ annotation, record }: MethodPlan): string {
  return `@${annotation.decorator} ${record.name}.${annotation.method}()${at(annotation.site)}`;
}
