import type { RouteAnnotation } from '../../../decorators/routes.js';
import { routePathOf } from '../../contract/route-path.js';
import { at } from '../declaration.js';
import type { MethodPlan, OwnerPlan } from '../owner-plan.js';
import { describeOwner, type Report } from '../trail.js';
import { describeMethod } from './methods.js';

/** Below it is what the framework itself answers for a plugin. */
const reserved = '/.backplane';

/** Routes whose path is none, and two routes of one plugin that answer the same requests. */
export function checkRoutes(owners: readonly OwnerPlan[], report: Report): void {
  const seen = new Map<string, { owner: OwnerPlan; method: MethodPlan }>();
  for (const owner of owners) {
    for (const method of owner.methods) {
      const route = routeOf(method);
      if (!route) continue;
      checkPath(route, owner, method, report);
      if (typeof route.path !== 'string') continue;
      const shape = `${route.method} ${route.path.replaceAll(/:[^/]+/g, ':')}`;
      const earlier = seen.get(shape);
      if (!earlier) seen.set(shape, { owner, method });
      // The same controller in two owners is told as such.
      else if (earlier.method.record !== method.record || earlier.owner === owner) {
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

function checkPath({ path }: RouteAnnotation, { owner }: OwnerPlan, method: MethodPlan, report: Report): void {
  const problem = pathProblem(path);
  if (!problem) return;
  report({
    code: 'INVALID_ROUTE',
    message: `${typeof path === 'string' ? `'${path}'` : 'What is no text'} ${problem.what}`,
    path: [`in ${describeOwner(owner)}`, `-> ${describeMethod(method)}`],
    fix: problem.fix,
  });
}

function pathProblem(path: string): { what: string; fix: string } | undefined {
  const kept = routePathOf(path);
  if (kept === undefined) {
    const fix = `write segments of plain characters and ':name', as '/entities/:kind/:name', each name once and no slash at the end; HttpRouterService.use() takes a router for the rest.`;
    return { what: 'is not the path of a route', fix };
  }
  if (kept !== path) return { what: 'does not start with a slash', fix: `write '${kept}'.` };
  if (kept !== reserved && !kept.startsWith(`${reserved}/`)) return undefined;
  return { what: `is at or below '${reserved}', which the framework has for itself`, fix: 'choose another path.' };
}

function routeOf({ annotation, options }: MethodPlan): RouteAnnotation | undefined {
  return annotation.service === 'core.http-router' ? (options as RouteAnnotation) : undefined;
}

/** A controller of a plugin and of one of its modules: there would be two, and each of its routes would be there twice. */
export function checkControllers(owners: readonly OwnerPlan[], report: Report): void {
  const seen = new Map<unknown, OwnerPlan>();
  for (const plan of owners) {
    for (const controller of plan.controllers) {
      const earlier = seen.get(controller);
      if (!earlier) seen.set(controller, plan);
      else {
        report({
          code: 'DUPLICATE_CONTROLLER',
          message: `Class ${typeof controller === 'function' ? controller.name : ''} is a controller of ${describeOwner(earlier.owner)} and of ${describeOwner(plan.owner)}`,
          path: [earlier, plan].map(
            ({ owner, record }, index) => `${index ? '-> and' : 'in'} ${describeOwner(owner)}${at(record?.site)}`,
          ),
          fix: "name it in 'controllers' of one of the two.",
        });
      }
    }
  }
}
