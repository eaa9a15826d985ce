import type { Token } from '../../decorators/tokens.js';
import type { ClassRecord } from '../api/class-record.js';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import { type Catalogue, partsOf } from './catalogue.js';
import { checkCycles } from './checks/cycles.js';
import { checkDuplicates } from './checks/duplicates.js';
import { checkIds } from './checks/ids.js';
import { checkOverrides, type OverrideRules } from './checks/overrides.js';
import { checkRoles } from './checks/roles.js';
import { checkRoutes } from './checks/routes.js';
import { at } from './declaration.js';
import { ExtensionPointIndex, type Extensible } from './extension-points.js';
import { GraphBuilder, type ReadSection } from './graph-builder.js';
import { orderModules } from './module-order.js';
import { checkPrivatesOfModules, type OwnerPlan, planOwner, requesterOf } from './owner-plan.js';
import type { Report } from './trail.js';
import type { Unit, UnitTable } from './unit.js';

export interface PluginPlan {
  readonly pluginId: string;
  readonly plugin: OwnerPlan;
  /** In the order in which they run. */
  readonly modules: readonly OwnerPlan[];
  readonly services: UnitTable;
  readonly eager: readonly string[];
}

/** Everything that will be constructed, known before anything is. */
export interface Plan {
  readonly catalogue: Catalogue;
  readonly root: UnitTable;
  readonly eagerRoot: readonly string[];
  readonly plugins: readonly PluginPlan[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface PlanOptions {
  readonly readSection: ReadSection;
  readonly rules: OverrideRules;
  /** The tokens that may be declared in the namespace `core`. */
  readonly coreTokens: ReadonlySet<Token>;
  /** A module without its plugin gets an empty one, instead of being a problem: for tests. */
  readonly placeholders?: boolean;
}

/** Checks the whole graph and reports every problem in it. Constructs nothing. */
export function createPlan(catalogue: Catalogue, options: PlanOptions): Plan {
  const problems = new Map<string, Problem>();
  const warnings: Problem[] = [];
  const report: Report = problem =>
    problems.set(`${problem.code} ${problem.message} ${problem.path.join(' ')}`, problem);
  catalogue.problems.forEach(report);

  const extensionPoints = new ExtensionPointIndex(catalogue, report);
  const groups = groupByPlugin(catalogue, options.placeholders ?? false, report);
  for (const members of groups.values()) {
    for (const { owner, record } of members) {
      for (const target of partsOf(record).extensionPoints ?? []) extensionPoints.add(target, owner, record!);
    }
  }
  const graph = new GraphBuilder(catalogue, extensionPoints, options.readSection, report);
  graph.addAllServices();
  const eager = graph.eager('plugin');
  const plugins = [...groups].map(([pluginId, members]) => planPlugin(pluginId, members, graph, eager));

  checkRoles(catalogue, report);
  checkIds(catalogue, options.coreTokens, report);
  checkDuplicates(catalogue, report, problem => warnings.push(problem));
  checkOverrides(catalogue, options.rules, report);
  checkAllCycles(graph, plugins, report);
  for (const { plugin, modules } of plugins) {
    checkPrivatesOfModules(plugin, modules, graph);
    checkRoutes([plugin, ...modules], report);
  }
  return {
    catalogue,
    root: graph.root,
    eagerRoot: graph.eager('root'),
    plugins,
    problems: [...problems.values()],
    warnings,
  };
}

interface Member {
  readonly owner: Extensible;
  readonly record: ClassRecord | undefined;
}

/** Each plugin with its modules, the plugin first. Of duplicates the first counts; they are reported elsewhere. */
function groupByPlugin(catalogue: Catalogue, placeholders: boolean, report: Report): Map<string, Member[]> {
  const groups = new Map<string, Member[]>();
  for (const { record } of catalogue.features) {
    if (record.role?.kind !== 'plugin') continue;
    const { pluginId } = record.role.options;
    if (!groups.has(pluginId)) groups.set(pluginId, [{ owner: { kind: 'plugin', pluginId }, record }]);
  }
  const installed = [...groups.keys()];
  for (const { record } of catalogue.features) {
    if (record.role?.kind !== 'module') continue;
    const { pluginId, moduleId } = record.role.options;
    const group = groups.get(pluginId) ?? (placeholders ? addPlaceholder(groups, pluginId) : undefined);
    if (!group) reportOrphan(record, pluginId, moduleId, installed, report);
    else if (!group.some(m => 'moduleId' in m.owner && m.owner.moduleId === moduleId)) {
      group.push({ owner: { kind: 'module', pluginId, moduleId }, record });
    }
  }
  return groups;
}

function addPlaceholder(groups: Map<string, Member[]>, pluginId: string): Member[] {
  const group: Member[] = [{ owner: { kind: 'plugin', pluginId }, record: undefined }];
  groups.set(pluginId, group);
  return group;
}

function reportOrphan(
  record: ClassRecord,
  pluginId: string,
  moduleId: string,
  installed: readonly string[],
  report: Report,
) {
  const near = closest(pluginId, installed);
  report({
    code: 'MODULE_WITHOUT_PLUGIN',
    message: `Module '${moduleId}' extends plugin '${pluginId}', which is not installed`,
    path: [`in class ${record.name}${at(record.site)}`],
    fix: near
      ? `did you mean '${near}'? Otherwise add plugin '${pluginId}', or remove the module.`
      : `add plugin '${pluginId}' to the features, or remove the module.`,
  });
}

function planPlugin(
  pluginId: string,
  members: readonly Member[],
  graph: GraphBuilder,
  eager: readonly string[],
): PluginPlan {
  const services = graph.servicesOf(pluginId);
  const requesters = members.map(({ owner, record }) => requesterOf(owner, record, graph, services));
  const [plugin, ...modules] = requesters.map((requester, index) =>
    planOwner(requester, members[index]!.record, graph),
  );
  const { report } = graph;
  return {
    pluginId,
    plugin: plugin!,
    modules: orderModules(modules, report),
    services,
    eager: eager.filter(id => services.find(id)),
  };
}

function checkAllCycles({ root, shared }: GraphBuilder, plugins: readonly PluginPlan[], report: Report): void {
  const settled = new Set<Unit>();
  checkCycles(root, report, settled);
  checkCycles(shared, report, settled);
  for (const { plugin, modules, services } of plugins) {
    const known = services === shared ? settled : new Set<Unit>();
    if (services !== shared) checkCycles(services, report, known);
    for (const { units } of [plugin, ...modules]) checkCycles(units, report, known);
  }
}
