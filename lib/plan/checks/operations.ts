import type { OperationAnnotation } from '../../../decorators/operation.js';
import type { ClassReader } from '../../api/class-record.js';
import { isAllow, isWithin } from '../../contract/allow.js';
import { apiOf, type ApiMetadata, isOperation } from '../../contract/define-api.js';
import type { OperationDefinition } from '../../contract/operation.js';
import type { Class } from '../../../decorators/tokens.js';
import { at } from '../declaration.js';
import type { MethodPlan, OwnerPlan } from '../owner-plan.js';
import { unknownOptions } from '../../util/unknown-option.js';
import { describeOwner, type Report } from '../trail.js';
import { describeMethod } from './methods.js';

interface Served {
  readonly operation: OperationDefinition;
  readonly plan: OwnerPlan;
  readonly method: MethodPlan;
}

/** The operation that a method answers; `undefined` for any other method. */
export function operationOf({ annotation, options }: MethodPlan): OperationDefinition | undefined {
  if (annotation.service !== 'core.operations') return undefined;
  const { operation } = options as Partial<OperationAnnotation>;
  return isOperation(operation) ? operation : undefined;
}

/** Operations of one plugin that nobody answers, or several do, and methods that answer what they may not. */
export function checkOperations(
  plugin: OwnerPlan,
  modules: readonly OwnerPlan[],
  reader: ClassReader,
  report: Report,
): void {
  const owners = [plugin, ...modules];
  const served = owners.flatMap(plan => plan.methods.flatMap(method => servedBy(plan, method, report)));
  const own = served.filter(one => isOwn(one, report));
  for (const one of own) {
    checkOptions(one, report);
    checkAllow(one, report);
  }
  checkDuplicates(own, report);
  // What a test has left out may answer the rest.
  if (plugin.record) checkMissing(owners, own, reader, report);
}

function servedBy(plan: OwnerPlan, method: MethodPlan, report: Report): Served[] {
  if (method.annotation.service !== 'core.operations') return [];
  const operation = operationOf(method);
  if (operation) return [{ operation, plan, method }];
  report({
    code: 'INVALID_OPTION',
    message: `What @${method.annotation.decorator} names is not an operation of an api`,
    path: pathTo({ plan, method }),
    fix: 'name a property of what defineApi() gave, as catalogApi.getEntity; where it is imported, two modules may import each other.',
  });
  return [];
}

function isOwn({ operation, plan, method }: Served, report: Report): boolean {
  const { owner } = plan;
  if (operation.pluginId === owner.pluginId) return true;
  const ofController = method.annotation.decorator === 'Controller';
  const { name, site } = method.record;
  report({
    code: 'FOREIGN_OPERATION',
    // Of an api that is foreign as a whole one word is enough.
    message: `${ofController ? 'The api' : `Operation '${operation.name}'`} belongs to plugin '${operation.pluginId}', not to plugin '${owner.pluginId}'`,
    path: ofController ? [`in ${describeOwner(owner)}`, `-> controller ${name}${at(site)}`] : pathTo({ plan, method }),
    fix: `answer it in plugin '${operation.pluginId}' or one of its modules; who calls it uses clientOf(…).`,
  });
  return false;
}

/** Of `@Operation`; one that is misspelt would let in whom its author has not meant. */
function checkOptions(served: Served, report: Report): void {
  const { operation: _, ...options } = served.method.options as OperationAnnotation;
  for (const { option, fix } of unknownOptions(options, ['allow'])) {
    report({
      code: 'INVALID_OPTION',
      message: `Option '${option}' of @${served.method.annotation.decorator} means nothing`,
      path: pathTo(served),
      fix,
    });
  }
}

function checkAllow({ operation, plan, method }: Served, report: Report): void {
  const { allow } = method.options as OperationAnnotation;
  // What is no policy at all is told of the route.
  if (allow === undefined || !isAllow(allow) || isWithin(allow, operation.allow)) return;
  report({
    code: 'WIDENED_ALLOW',
    message: `Operation '${operation.name}' is for ${described(operation.allow)}, and its handler lets ${described(allow)} pass`,
    path: pathTo({ plan, method }),
    fix: "let the handler's 'allow' name fewer than the operation's, or open the operation in its api, where callers see it.",
  });
}

function checkDuplicates(served: readonly Served[], report: Report): void {
  const seen = new Map<string, Served>();
  for (const one of served) {
    const { operation, plan, method } = one;
    const key = keyOf(operation);
    const earlier = seen.get(key);
    if (!earlier) seen.set(key, one);
    // The same controller in two owners is told as such.
    else if (earlier.plan === plan || earlier.method.record !== method.record) {
      report({
        code: 'DUPLICATE_OPERATION',
        message: `Operation '${operation.name}' of plugin '${operation.pluginId}' has two handlers`,
        path: [
          `in ${describeOwner(earlier.plan.owner)}`,
          `-> ${describeMethod(earlier.method)}`,
          `-> and ${describeMethod(method)}`,
        ],
        fix: 'remove one of the two.',
      });
    }
  }
}

/** Of an api that the plugin serves, be it in part, every operation has a handler. */
function checkMissing(
  owners: readonly OwnerPlan[],
  served: readonly Served[],
  reader: ClassReader,
  report: Report,
): void {
  const handled = new Set(served.map(({ operation }) => keyOf(operation)));
  for (const [api, where] of apisOf(owners, served, reader)) {
    const known = Object.values(api.operations);
    for (const operation of known.filter(o => !handled.has(keyOf(o)))) {
      report({
        code: 'MISSING_OPERATION',
        message: `Operation '${operation.name}' of plugin '${api.pluginId}' has no handler`,
        path: where,
        fix: `add a method '${operation.name}' to a class with @Controller(…) for this api, or write @Operation above the method that answers it.`,
      });
    }
  }
}

/** The apis of which a plugin answers something, or says so, and where. */
function apisOf(
  owners: readonly OwnerPlan[],
  served: readonly Served[],
  reader: ClassReader,
): Map<ApiMetadata, readonly string[]> {
  const apis = new Map<ApiMetadata, readonly string[]>();
  for (const plan of owners) {
    for (const controller of plan.controllers) {
      const { role, name, site } = reader.read(controller as Class);
      const api = role?.kind === 'controller' ? apiOf(role.options.api) : undefined;
      if (api?.pluginId !== plan.owner.pluginId || apis.has(api)) continue;
      apis.set(api, [`in ${describeOwner(plan.owner)}`, `-> controller ${name}${at(site)}`]);
    }
  }
  for (const { operation, plan, method } of served) {
    const api = apiOf(operation)!;
    if (!apis.has(api)) apis.set(api, pathTo({ plan, method }));
  }
  return apis;
}

/**
 * The same of two copies of a contract, as a plugin and its module may have them. Two apis of one plugin may have
 * operations of one name; by another path these are two.
 */
function keyOf({ name, method, path }: OperationDefinition): string {
  return `${name} ${method} ${path}`;
}

function pathTo({ plan, method }: Pick<Served, 'plan' | 'method'>): string[] {
  return [`in ${describeOwner(plan.owner)}`, `-> ${describeMethod(method)}`];
}

function described(allow: OperationDefinition['allow']): string {
  if (allow === 'unauthenticated') return 'everybody';
  const kinds = allow ?? ['user', 'service'];
  return kinds.length > 0 ? kinds.map(kind => `'${kind}'`).join(' and ') : 'nobody';
}
