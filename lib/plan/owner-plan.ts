import type { MethodAnnotation } from '../../decorators/annotations.js';
import type { RouteAnnotation } from '../../decorators/routes.js';
import type { Class } from '../../decorators/tokens.js';
import type { ClassRecord } from '../api/class-record.js';
import type { Allow } from '../contract/allow.js';
import { otherCopyProblem } from '../api/framework-copy.js';
import { misplacedMethod } from './checks/methods.js';
import { undefinedToken } from './checks/tokens.js';
import { at } from './declaration.js';
import { sameOwner, type Extensible } from './extension-points.js';
import type { GraphBuilder } from './graph-builder.js';
import { addExtensionPoint } from './add-extension-point.js';
import { makingOf, type Requester } from './resolve-parameters.js';
import { partsOf } from './catalogue.js';
import { describeOwner, describeTrail, step, stepInto, type Trail, trailOf } from './trail.js';
import { type Dependency, type Key, type Unit, UnitTable } from './unit.js';

/** A decorated method and the service that gives its decorator a meaning. */
export interface MethodPlan {
  readonly annotation: MethodAnnotation;
  /** What the decorator recorded; of a route with the path of its controller, and with whom that or the plugin lets pass. */
  readonly options: unknown;
  readonly record: ClassRecord;
  /** The instance that has the method. */
  readonly instance: Key;
  readonly receiver: Dependency;
}

/** A plugin or a module: what it is made of, and what has to be done once it is made. */
export interface OwnerPlan {
  readonly owner: Extensible;
  /** `undefined` for the placeholder of a plugin that a test left out. */
  readonly record: ClassRecord | undefined;
  readonly units: UnitTable;
  readonly main: Unit | undefined;
  readonly controllers: readonly Key[];
  /** The extension points it provides to modules, those with an instance per module left out. */
  readonly extensionPoints: readonly string[];
  /** Every extension point it provides. */
  readonly provides: readonly string[];
  /** The extension points it uses. */
  readonly uses: readonly string[];
  readonly methods: readonly MethodPlan[];
  readonly configKeys: readonly string[];
  readonly privates: ReadonlyMap<Class, { readonly trail: Trail }>;
}

type OwnerRequester = Requester & {
  readonly owner: Extensible;
  readonly own: ReadonlySet<Class>;
  readonly controllers: readonly Class[];
  readonly configKeys: readonly string[];
};

/** On whose behalf a plugin or module asks. All of a plugin are made before the first of them is planned. */
export function requesterOf(
  owner: Extensible,
  record: ClassRecord | undefined,
  graph: GraphBuilder,
  services: UnitTable,
): OwnerRequester {
  const { controllers: named = [], config = [] } = partsOf(record);
  const controllers = [...new Set(named)].filter(c => isController(c, owner, graph, record));
  const requester = {
    owner,
    scope: 'plugin' as const,
    table: new UnitTable(services),
    trail: trailOf(owner, record?.site),
    privates: new Map(),
    configKeys: config,
    controllers,
    own: new Set([...(record ? [record.target] : []), ...controllers]),
  };
  graph.remember(owner, requester);
  return requester;
}

/** Plans one plugin or module. Its extension points are known to `graph` already. */
export function planOwner(
  requester: OwnerRequester,
  record: ClassRecord | undefined,
  graph: GraphBuilder,
  policy: Allow | undefined,
): OwnerPlan {
  const { owner, table: units, privates, configKeys, controllers } = requester;
  const points = graph.extensionPoints.of(owner);
  for (const {
    record: { target },
  } of points)
    privates.set(target, { key: target, trail: requester.trail });
  for (const point of points.filter(p => !p.perModule))
    addExtensionPoint(point, point.declaration.id, requester, graph);
  const classes = [...(record ? [record] : []), ...controllers.map(c => graph.catalogue.reader.read(c))];
  for (const part of classes) {
    const trail = part === record ? requester.trail : stepInto(requester.trail, part, 'controller');
    const title = part === record ? describeOwner(owner) : `controller ${part.name}`;
    units.add({ key: part.target, title, ...makingOf(part, { ...requester, trail }, graph), site: part.site });
  }
  const methods = classes.flatMap(part => planMethods(part, owner, graph, policy));
  graph.settle();
  return {
    owner,
    record,
    units,
    main: record && units.find(record.target),
    controllers,
    extensionPoints: points.filter(p => !p.perModule).map(p => p.declaration.id),
    provides: points.map(p => p.declaration.id),
    uses: [...units.own()].flatMap(({ recipe }) => (recipe.by === 'extension-point' ? [recipe.id] : [])),
    methods,
    configKeys,
    privates,
  };
}

function planMethods(
  record: ClassRecord,
  owner: Extensible,
  graph: GraphBuilder,
  policy: Allow | undefined,
): MethodPlan[] {
  return record.methods.flatMap(annotation => {
    const { service: id, decorator, method, site, isStatic } = annotation;
    if (isStatic) {
      graph.report(misplacedMethod(record, annotation, 'a static method'));
      return [];
    }
    graph.addService(id);
    if (!graph.provides(id, owner.pluginId)) {
      graph.report({
        code: 'MISSING_SERVICE',
        message: `No service implements '${id}'`,
        path: describeTrail(step(trailOf(owner, record.site), `-> @${decorator} ${record.name}.${method}()`, site)),
        fix: `add a service that implements '${id}'; @${decorator} needs it.`,
      });
      return [];
    }
    return [
      {
        annotation,
        options: optionsOf(annotation, record, policy),
        record,
        instance: record.target,
        receiver: { key: id },
      },
    ];
  });
}

/** What the decorator recorded; of a plain route or a webhook with what its controller and its plugin say where it says nothing. */
function optionsOf({ service, options }: MethodAnnotation, { role }: ClassRecord, policy: Allow | undefined): unknown {
  if (service !== 'core.http-router' && service !== 'core.webhooks') return options;
  const controller = role?.kind === 'controller' ? role.options : {};
  const route = options as RouteAnnotation;
  const prefix = controller.path === '/' ? undefined : controller.path;
  const path =
    prefix && typeof route.path === 'string' ? (route.path === '/' ? prefix : prefix + route.path) : route.path;
  const allow = route.allow ?? controller.allow ?? policy;
  return { ...route, path, ...(allow !== undefined && { allow }) };
}

function isController(target: Class, owner: Extensible, graph: GraphBuilder, record: ClassRecord | undefined): boolean {
  const where = () => [`in ${describeOwner(owner)}${at(record?.site)}`];
  if (typeof target !== 'function') {
    graph.report(undefinedToken(`'controllers' of ${describeOwner(owner)}`, where()));
    return false;
  }
  const controller = graph.catalogue.reader.read(target);
  if (controller.role?.kind === 'controller') return true;
  const path = () => [...where(), `-> class ${controller.name}${at(controller.site)}`];
  const problem = otherCopyProblem(target, path) ?? {
    code: 'NOT_A_CONTROLLER',
    message: `Class ${controller.name} in 'controllers' is not a controller`,
    path: path(),
    fix: `write @Controller() above class ${controller.name}, and nothing else.`,
  };
  graph.report(problem);
  return false;
}

/** A module that injects a private class of its plugin would get a second, empty instance: say so instead. */
export function checkPrivatesOfModules(plugin: OwnerPlan, modules: readonly OwnerPlan[], graph: GraphBuilder): void {
  for (const module of modules) {
    for (const [target, { trail }] of module.privates) {
      const record = graph.catalogue.reader.read(target);
      if (record.role?.kind !== 'injectable' || !plugin.privates.has(target) || sameOwner(plugin.owner, module.owner))
        continue;
      graph.report({
        code: 'PRIVATE_CLASS',
        message: `Class ${record.name} is private to ${describeOwner(plugin.owner)}; ${describeOwner(module.owner)} would get an instance of its own`,
        path: describeTrail(trail),
        fix: `reach it through an extension point of '${plugin.owner.pluginId}', or make it @Service({ id, scope: 'plugin' }), which the plugin and its modules share.`,
      });
    }
  }
}
