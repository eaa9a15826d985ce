import type { MethodAnnotation } from '../../../decorators/annotations.js';
import type { HealthCheckOptions } from '../../../decorators/health-check.js';
import type { Class } from '../../../decorators/tokens.js';
import type { ClassReader, ClassRecord } from '../../api/class-record.js';
import type { TaskOptions } from '../../api/scheduler-service.js';
import type { Problem } from '../../errors/problem.js';
import { at } from '../declaration.js';
import type { MethodPlan, OwnerPlan } from '../owner-plan.js';
import { describeOwner, type Report } from '../trail.js';
import type { UnitTable } from '../unit.js';

/** The services that take methods which answer requests. */
const answers: ReadonlySet<string> = new Set(['core.http-router', 'core.operations', 'core.webhooks']);

const owners: readonly string[] = ['plugin', 'module', 'controller'];

/** Decorated methods, and middleware, of classes that will be constructed but that nobody asks for such. */
export function checkMethods(tables: readonly UnitTable[], reader: ClassReader, report: Report): void {
  const targets = new Set<Class>();
  for (const table of tables) for (const { recipe } of table.own()) if ('target' in recipe) targets.add(recipe.target);
  for (const target of targets) {
    const record = reader.read(target);
    const kind = record.role?.kind;
    if (kind === undefined) continue;
    if (owners.includes(kind)) checkMiddleware(record, report);
    else {
      const what = `a method of a class with @${record.roles[0]!.decorator}`;
      for (const annotation of record.methods) report(misplacedMethod(record, annotation, what));
      if (record.used.length > 0) report(middlewareWithoutRoute(record, undefined));
    }
  }
}

export function misplacedMethod({ name, site }: ClassRecord, annotation: MethodAnnotation, what: string): Problem {
  return {
    code: 'MISPLACED_METHOD',
    message: `@${annotation.decorator} is above ${name}.${annotation.method}(), ${what}, where it means nothing`,
    path: [`in class ${name}${at(site)}`, `-> @${annotation.decorator} ${annotation.method}()${at(annotation.site)}`],
    fix: 'move it to an instance method of a plugin, of a module, or of one of their controllers.',
  };
}

/** Middleware that its author believes to stand in front of something, but does not. */
function checkMiddleware(record: ClassRecord, report: Report): void {
  if (record.used.length === 0) return;
  const answering = record.methods.filter(({ service }) => answers.has(service)).map(({ method }) => method);
  for (const method of record.used) {
    const means = method === undefined ? answering.length > 0 : answering.includes(method);
    if (!means) report(middlewareWithoutRoute(record, method));
  }
}

function middlewareWithoutRoute({ name, site }: ClassRecord, method: string | undefined): Problem {
  const where = method === undefined ? `class ${name}, which has no routes` : `${name}.${method}(), which is no route`;
  return {
    code: 'MIDDLEWARE_WITHOUT_ROUTE',
    message: `@Use is above ${where}, so its middleware never runs`,
    path: [`in class ${name}${at(site)}`],
    fix: 'write @Use above the class that has the routes, as a controller, or above a method with @Get or its like.',
  };
}

/** Whose method it is: a plugin, and what that and its modules read of the configuration besides its own key. */
export interface MethodOwner {
  readonly pluginId: string;
  readonly configKeys: readonly string[];
}

/** Where it is, besides at the method, comes after that. */
export type MethodFault = Omit<Problem, 'path'> & Partial<Pick<Problem, 'path'>>;

/** What the service of this id finds wrong with the options of a method that it would take. */
export type MethodFaults = (service: string, options: unknown, owner: MethodOwner) => readonly MethodFault[];

/** What only the services that take annotated methods can tell of them. */
export function checkMethodFaults(plugin: readonly OwnerPlan[], faultsOf: MethodFaults, report: Report): void {
  const configKeys = plugin.flatMap(member => member.configKeys);
  for (const { owner, methods } of plugin) {
    const { pluginId } = owner;
    for (const method of methods) {
      for (const fault of faultsOf(method.annotation.service, method.options, { pluginId, configKeys })) {
        report({
          ...fault,
          path: [`in ${describeOwner(owner)}`, `-> ${describeMethod(method)}`, ...(fault.path ?? [])],
        });
      }
    }
  }
}

/** Two health checks of one plugin by one name, of which the second could not be added. */
export function checkHealthChecks(plugin: readonly OwnerPlan[], report: Report): void {
  const seen = new Map<string, MethodPlan>();
  for (const { owner, methods } of plugin) {
    for (const method of methods) {
      if (method.annotation.service !== 'core.root-health') continue;
      const { id = method.annotation.method } = (method.options ?? {}) as HealthCheckOptions;
      const earlier = seen.get(id);
      if (!earlier) seen.set(id, method);
      else if (earlier.record !== method.record || earlier.annotation !== method.annotation) {
        report({
          code: 'DUPLICATE_HEALTH_CHECK',
          message: `Plugin '${owner.pluginId}' has two health checks '${id}'`,
          path: [`in ${describeOwner(owner)}`, `-> ${describeMethod(earlier)}`, `-> and ${describeMethod(method)}`],
          fix: `give one of them another id, as in @HealthCheck({ id: '${id}-2' }).`,
        });
      }
    }
  }
}

/** Two tasks of one plugin, its modules' among them, by one name, of which the second could not be scheduled. */
export function checkTasks(plugin: readonly OwnerPlan[], report: Report): void {
  const seen = new Map<unknown, MethodPlan>();
  for (const { owner, methods } of plugin) {
    for (const method of methods) {
      if (method.annotation.service !== 'core.scheduler') continue;
      const { id } = (method.options ?? {}) as Partial<TaskOptions>;
      const earlier = seen.get(id);
      if (!earlier) seen.set(id, method);
      else if (typeof id === 'string') {
        report({
          code: 'DUPLICATE_TASK',
          message: `Plugin '${owner.pluginId}' has two tasks '${id}'`,
          path: [`in ${describeOwner(owner)}`, `-> ${describeMethod(earlier)}`, `-> and ${describeMethod(method)}`],
          fix: `give one of them another id, as '${id}-2'; modules have theirs in common with the plugin.`,
        });
      }
    }
  }
}

/** `@Get CatalogController.stats() (src/catalog-controller.ts:12:3)` */
export function describeMethod({ annotation, record }: MethodPlan): string {
  return `@${annotation.decorator} ${record.name}.${annotation.method}()${at(annotation.site)}`;
}
