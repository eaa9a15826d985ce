import type { RouteAnnotation } from '../../../decorators/routes.js';
import { routeOptionFaults } from '../../api/route-options.js';
import { routePathOf } from '../../contract/route-path.js';
import { at } from '../declaration.js';
import type { MethodPlan, OwnerPlan } from '../owner-plan.js';
import { describeOwner, type Report } from '../trail.js';
import { describeMethod } from './methods.js';
import { operationOf } from './operations.js';

/** Below it is what the framework itself answers for a plugin. */
const reserved = '/.backplane';

/** Routes whose path is none, and two routes of one plugin that answer the same requests. */
export function checkRoutes(owners: readonly OwnerPlan[], report: Report): void {
  const seen = new Map<string, { owner: OwnerPlan; method: MethodPlan }>();
  for (const owner of owners) {
    for (const method of owner.methods) {
      const route = routeOf(method);
      if (!route) continue;
      if (!operationOf(method)) checkPath(route, owner, method, report);
      if (isPlain(method)) checkOptions(route, owner, method, report);
      else checkOptions({ allow: (method.options as RouteAnnotation).allow }, owner, method, report);
      if (typeof route.path !== 'string') continue;
      const shape = `${route.method} ${route.path.replaceAll(/:[^/]+/g, ':')}`;
      const earlier = seen.get(shape);
      if (!earlier) seen.set(shape, { owner, method });
      // The same controller in two owners, and an operation with two methods, are told as such.
      else if (
        (earlier.method.record !== method.record || earlier.owner === owner) &&
        !isSame(earlier.method, method)
      ) {
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

function isSame(one: MethodPlan, other: MethodPlan): boolean {
  const operation = operationOf(one);
  return operation !== undefined && operation.name === operationOf(other)?.name;
}

function checkPath(
  { path }: Pick<RouteAnnotation, 'path'>,
  { owner }: OwnerPlan,
  method: MethodPlan,
  report: Report,
): void {
  const problem = pathProblem(path);
  if (!problem) return;
  report({
    code: 'INVALID_ROUTE',
    message: `${typeof path === 'string' ? `'${path}'` : 'What is no text'} ${problem.what}`,
    path: [`in ${describeOwner(owner)}`, `-> ${describeMethod(method)}`],
    fix: problem.fix,
  });
}

function checkOptions(route: object, { owner }: OwnerPlan, method: MethodPlan, report: Report): void {
  const { method: _, path: __, ...options } = route as Partial<RouteAnnotation>;
  for (const { what, fix } of routeOptionFaults(options)) {
    report({
      code: 'INVALID_ROUTE',
      message: `A route ${what}`,
      path: [`in ${describeOwner(owner)}`, `-> ${describeMethod(method)}`],
      fix,
    });
  }
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

/** A plain route, a webhook, or an operation, which is one as well. */
function routeOf(method: MethodPlan): Pick<RouteAnnotation, 'method' | 'path'> | undefined {
  return isPlain(method) || method.annotation.service === 'core.webhooks'
    ? (method.options as RouteAnnotation)
    : operationOf(method);
}

function isPlain({ annotation }: MethodPlan): boolean {
  return annotation.service === 'core.http-router';
}

/**
 * Plain routes of modules that nobody has said anything of: whoever writes a module opens a door of somebody else's
 * plugin, and must not do so without a word.
 */
export function checkPolicies(plugin: OwnerPlan, modules: readonly OwnerPlan[], report: Report): void {
  // What a test has left out may say it.
  if (!plugin.record) return;
  for (const { owner, methods } of modules) {
    for (const method of methods) {
      if (!isPlain(method) || (method.options as RouteAnnotation).allow !== undefined) continue;
      report({
        code: 'ROUTE_WITHOUT_POLICY',
        message: `A route of ${describeOwner(owner)} does not say who may call it, and neither does its plugin`,
        path: [`in ${describeOwner(owner)}`, `-> ${describeMethod(method)}`],
        fix: `write @${method.annotation.decorator}('…', { allow: … }), or let the plugin say it for all: @Plugin({ pluginId: '${owner.pluginId}', allow: … }).`,
      });
    }
  }
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
