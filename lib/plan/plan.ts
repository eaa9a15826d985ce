import type { Token } from '../../decorators/tokens.js';
import type { Problem } from '../errors/problem.js';
import { type Catalogue, partsOf } from './catalogue.js';
import { checkPlan } from './check-plan.js';
import type { MethodFaults } from './checks/methods.js';
import type { OverrideRules } from './checks/overrides.js';
import { ExtensionPointIndex } from './extension-points.js';
import { GraphBuilder, type ReadSection } from './graph-builder.js';
import { orderModules } from './module-order.js';
import { type OwnerPlan, planOwner, requesterOf } from './owner-plan.js';
import { groupByPlugin, type Member } from './plugin-groups.js';
import type { Report } from './trail.js';
import type { UnitTable } from './unit.js';

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
  /** In the order in which they are made, but for what they need of each other. */
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
  /** Root services that are made after all others, unless one of those needs them: what lets requests in. */
  readonly doors?: readonly Token[];
  /** What is wrong with an annotated method in the eyes of the service that will take it. */
  readonly methodFaults: MethodFaults;
  /** A module without its plugin gets an empty one, instead of being a problem: for tests. */
  readonly placeholders?: boolean;
}

/** Checks the whole graph and reports every problem in it. Constructs nothing. */
export function createPlan(catalogue: Catalogue, options: PlanOptions): Plan {
  const problems = new Map<string, Problem>();
  const warnings = [...catalogue.warnings];
  const report: Report = problem =>
    problems.set(`${problem.code} ${problem.message} ${problem.path.join(' ')}`, problem);
  catalogue.problems.forEach(report);

  const { placeholders = false, doors = [] } = options;
  const groups = groupByPlugin(catalogue, placeholders, report);
  const extensionPoints = indexExtensionPoints(groups, placeholders ? 'left-out' : 'missing', catalogue, report);
  const graph = new GraphBuilder(catalogue, extensionPoints, options.readSection, report);
  graph.addAllServices();
  const eager = graph.eager('plugin');
  const plugins = [...groups].map(([pluginId, members]) => planPlugin(pluginId, members, graph, eager));

  const last = new Set(doors.map(door => catalogue.declarationOf(door)?.id));
  const eagerRoot = graph.eager('root').toSorted((a, b) => Number(last.has(a)) - Number(last.has(b)));
  const plan = { catalogue, root: graph.root, eagerRoot, plugins };
  checkPlan(plan, { graph, options, report, warn: problem => warnings.push(problem) });
  return { ...plan, problems: [...problems.values()], warnings };
}

function indexExtensionPoints(
  groups: ReadonlyMap<string, readonly Member[]>,
  absence: 'left-out' | 'missing',
  catalogue: Catalogue,
  report: Report,
): ExtensionPointIndex {
  const absent = [...groups]
    .filter(([, [plugin]]) => !plugin?.record)
    .map(([pluginId]) => [pluginId, absence] as const);
  const extensionPoints = new ExtensionPointIndex(catalogue, report, new Map(absent));
  for (const members of groups.values()) {
    for (const { owner, record } of members) {
      for (const target of partsOf(record).extensionPoints ?? []) extensionPoints.add(target, owner, record!);
      if (!record) for (const { token } of catalogue.overrides) extensionPoints.addStandIn(token, owner);
    }
  }
  return extensionPoints;
}

function planPlugin(
  pluginId: string,
  members: readonly Member[],
  graph: GraphBuilder,
  eager: readonly string[],
): PluginPlan {
  const services = graph.servicesOf(pluginId);
  const requesters = members.map(({ owner, record }) => requesterOf(owner, record, graph, services));
  const role = members[0]?.record?.role;
  const policy = role?.kind === 'plugin' ? role.options.allow : undefined;
  const [plugin, ...modules] = requesters.map((requester, index) =>
    planOwner(requester, members[index]!.record, graph, policy),
  );
  const { report } = graph;
  return {
    pluginId,
    plugin: plugin!,
    modules: orderModules(modules, report),
    services,
    eager: services === graph.shared ? eager : graph.eager('plugin', pluginId),
  };
}
