import { configSectionOf, type ConfigSection } from '../../decorators/config-of.js';
import type { Class, Scope, Token } from '../../decorators/tokens.js';
import type { ClassRecord, ParameterRecord } from '../api/class-record.js';
import { ModuleContext } from '../api/module-context.js';
import { checkConfigSection } from './checks/config-access.js';
import type { Declaration } from './declaration.js';
import { resolveExtensionPoint } from './resolve-extension-point.js';
import type { GraphBuilder, Making } from './graph-builder.js';
import { missingService, multitonMismatch, notManifold, privateClass, rootNeedsPlugin } from './dependency-problems.js';
import { faultyParameter, undecoratedClass } from './parameter-problems.js';
import { describeOwner, describeTrail, stepInto, stepToParameter, type Trail } from './trail.js';
import type { Dependency, Key, Owner, UnitTable } from './unit.js';

/** On whose behalf something is asked for. */
export interface Requester {
  readonly owner: Owner;
  readonly scope: Scope;
  /** Where the owner's private classes are put. */
  readonly table: UnitTable;
  readonly trail: Trail;
  /** The owner's private classes so far, and how each was first reached. */
  readonly privates: Map<Class, { readonly key: Key; readonly trail: Trail }>;
  /** The configuration keys it may read besides those of its plugin. */
  readonly configKeys?: readonly string[];
  /** One of the framework's own plugin services, which are given root services as they are. */
  readonly trusted?: boolean;
  /** The classes that are the owner itself: its plugin or module class and its controllers. */
  readonly own?: ReadonlySet<Class>;
  /** What `ModuleContext` means here. */
  readonly moduleContext?: Key | undefined;
}

const none: readonly string[] = [];

const absent: Dependency = { key: Symbol('absent'), absent: true };

/** What the constructor of a class needs; with `inner`, the first parameter is that. */
export function resolveParameters(
  record: ClassRecord,
  requester: Requester,
  graph: GraphBuilder,
  inner?: Key,
): Dependency[] {
  const untyped = record.parameters.filter(({ index, fault }) => fault === 'no-metadata' && !(inner && index === 0));
  if (untyped.length > 0) graph.untyped.add(record, untyped, requester.trail);
  return record.parameters.map(parameter =>
    inner !== undefined && parameter.index === 0
      ? { key: inner }
      : resolveParameter(parameter, record, requester, graph),
  );
}

/** What a static `create()` or a factory needs. */
export function resolveTokens(
  tokens: readonly Token[],
  of: string,
  requester: Requester,
  graph: GraphBuilder,
): Dependency[] {
  const record = graph.catalogue.reader.read(class {});
  return tokens.map((token, index) => {
    const fault = token === undefined ? { fault: 'undefined-token' as const } : {};
    return resolveParameter({ index, token, all: false, optional: false, of, ...fault }, record, requester, graph);
  });
}

function resolveParameter(
  parameter: ParameterRecord,
  record: ClassRecord,
  requester: Requester,
  graph: GraphBuilder,
): Dependency {
  const { token } = parameter;
  const { fault } = parameter;
  if (fault) {
    if (fault !== 'no-metadata') graph.report(faultyParameter(record, { ...parameter, fault }, requester.trail));
    return absent;
  }
  const declaration = graph.catalogue.declarationOf(token);
  if (declaration?.kind === 'service') return resolveService(declaration, parameter, requester, graph);
  if (parameter.all) {
    graph.report(notManifold(declaration, parameter, requester));
    return absent;
  }
  if (declaration) return resolveExtensionPoint(declaration, parameter, requester, graph) ?? absent;
  if (token === ModuleContext && requester.moduleContext) return { key: requester.moduleContext };
  if (typeof token === 'function') {
    const section = configSectionOf(token);
    if (section) return resolveConfig(token as Class, section, parameter, requester, graph);
    const asked = graph.catalogue.reader.read(token as Class);
    if (asked.role?.kind === 'injectable') return { key: addPrivateClass(asked, requester, graph) };
    if (requester.own?.has(asked.target)) return { key: asked.target };
    const point = graph.extensionPoints.byClass(asked.target);
    if (point && requester.privates.has(asked.target)) {
      const allowed = resolveExtensionPoint(point.declaration, parameter, requester, graph);
      return allowed ? { key: asked.target } : absent;
    }
    if (asked.role) {
      graph.report(privateClass(asked, parameter, requester, graph.extensionPoints));
      return absent;
    }
  }
  graph.report(undecoratedClass(record, parameter, requester.trail));
  return absent;
}

function resolveService(
  declaration: Declaration,
  parameter: ParameterRecord,
  requester: Requester,
  graph: GraphBuilder,
): Dependency {
  const { id, scope, multiton } = declaration;
  const { owner } = requester;
  const { optional } = parameter;
  if (parameter.all !== multiton) {
    graph.report(multitonMismatch(declaration, parameter, requester));
    return absent;
  }
  if (requester.scope === 'root' && scope === 'plugin') {
    graph.report(rootNeedsPlugin(declaration, parameter, requester));
    return absent;
  }
  graph.addService(id);
  const pluginId = 'pluginId' in owner ? owner.pluginId : undefined;
  // A plugin service may find in one plugin what it does not find in another; that is checked plugin by plugin.
  const decidedLater = owner.kind === 'service' && scope === 'plugin' && graph.catalogue.candidates(id).length > 0;
  if (!graph.provides(id, pluginId) && !decidedLater) {
    if (!optional && !graph.catalogue.brokenDefaults.has(id))
      graph.report(missingService(declaration, parameter, requester, graph.catalogue));
    return absent;
  }
  const viewed =
    scope === 'root' && requester.scope === 'plugin' && !requester.trusted && (requester.configKeys ?? none);
  return { key: id, ...(viewed && { viewed }), ...(decidedLater && optional && { optional }) };
}

function resolveConfig(
  target: Class,
  section: ConfigSection,
  parameter: ParameterRecord,
  requester: Requester,
  graph: GraphBuilder,
): Dependency {
  const known = requester.privates.get(target);
  if (known) return { key: known.key };
  const trail = stepToParameter(requester.trail, parameter);
  const key = takeKey(target, requester, trail);
  if (!checkConfigSection(section, target, requester, trail, graph.report)) return absent;
  const read = graph.readSection(section);
  if ('problems' in read) {
    for (const problem of read.problems)
      graph.report({
        ...problem,
        path: [...describeTrail(trail), ...problem.path.map(step => step.replace(/^in /, '-> '))],
      });
    return absent;
  }
  const recipe = { by: 'config' as const, target, section, value: read.value };
  requester.table.add({ key, title: `configuration '${section.path}'`, recipe, dependencies: [], site: section.site });
  return { key };
}

/** Makes the unit of a private class of the requester, once, and gives back its key. */
function addPrivateClass(record: ClassRecord, requester: Requester, graph: GraphBuilder): Key {
  const known = requester.privates.get(record.target);
  if (known) return known.key;
  const trail = stepInto(requester.trail, record);
  const key = takeKey(record.target, requester, trail);
  // The module that an extension point is made for is known to its class alone: its helpers are shared by all modules.
  const asking = { ...requester, trail, moduleContext: undefined };
  graph.later(() => {
    const making = makingOf(record, asking, graph);
    requester.table.add({ key, title: `class ${record.name}`, ...making, site: record.site });
  });
  return key;
}

/** How a class is made, unless a test put something in its place. */
export function makingOf(record: ClassRecord, requester: Requester, graph: GraphBuilder, inner?: Key): Making {
  const pluginId = 'pluginId' in requester.owner ? requester.owner.pluginId : undefined;
  const override = graph.catalogue.overrideOfClass(record.target, pluginId);
  if (override) {
    const { recipe, tokens } = override;
    const stand = 'target' in recipe ? graph.catalogue.reader.read(recipe.target) : undefined;
    const dependencies = stand
      ? resolveParameters(stand, requester, graph)
      : resolveTokens(tokens ?? [], 'the factory', requester, graph);
    return { recipe, dependencies };
  }
  const recipe = { by: 'constructor' as const, target: record.target };
  return { recipe, dependencies: resolveParameters(record, requester, graph, inner) };
}

/** Private classes of plugins and modules are found by themselves, those of services by a key nobody else can have. */
function takeKey(target: Class, { owner, privates }: Requester, trail: Trail): Key {
  const key = 'pluginId' in owner ? target : Symbol(`${target.name} of ${describeOwner(owner)}`);
  privates.set(target, { key, trail });
  return key;
}
