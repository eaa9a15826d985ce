import { checkCycles } from './checks/cycles.js';
import { checkDuplicates } from './checks/duplicates.js';
import { checkIds } from './checks/ids.js';
import { checkHealthChecks, checkMethodFaults, checkMethods, checkTasks } from './checks/methods.js';
import { checkMissing } from './checks/missing.js';
import { checkOperations } from './checks/operations.js';
import { checkOptions } from './checks/options.js';
import { checkOverrides } from './checks/overrides.js';
import { checkPluginFilters } from './checks/plugin-filters.js';
import { checkRoles } from './checks/roles.js';
import { checkControllers, checkPolicies, checkRoutes } from './checks/routes.js';
import { checkSubscriptions } from './checks/subscriptions.js';
import { checkTables } from './checks/tables.js';
import { checkUnlistedControllers } from './checks/unlisted-controllers.js';
import { checkUnusedOverrides } from './checks/unused-overrides.js';
import { checkWrappers } from './checks/wrappers.js';
import type { GraphBuilder } from './graph-builder.js';
import { checkPrivatesOfModules } from './owner-plan.js';
import type { Plan, PlanOptions, PluginPlan } from './plan.js';
import type { Report } from './trail.js';
import type { Unit } from './unit.js';

interface Checking {
  readonly graph: GraphBuilder;
  readonly options: PlanOptions;
  readonly report: Report;
  readonly warn: Report;
}

/** What can be said only of the whole: the units are all made, and whatever one of them lacks is reported already. */
export function checkPlan(
  { catalogue, plugins }: Pick<Plan, 'catalogue' | 'plugins'>,
  { graph, options, report, warn }: Checking,
): void {
  const { root, shared, extensionPoints } = graph;
  const installed = plugins.map(({ pluginId }) => pluginId);
  const owners = plugins.flatMap(({ plugin, modules }) => [plugin, ...modules]);
  const services = new Set([root, shared, ...plugins.map(plugin => plugin.services)]);
  const tables = [...services, ...owners.map(({ units }) => units)];

  checkRoles(catalogue, report);
  checkOptions(catalogue, report);
  checkIds(catalogue, options.coreTokens, report);
  checkDuplicates(catalogue, report, warn);
  checkWrappers({ catalogue, extensionPoints, installed }, report, warn);
  checkPluginFilters(catalogue, installed, report, warn);
  checkOverrides(catalogue, options.rules, report);
  checkAllCycles(graph, plugins, report);
  for (const plan of plugins) {
    const members = [plan.plugin, ...plan.modules];
    if (plan.modules.length > 0) {
      checkPrivatesOfModules(plan.plugin, plan.modules, graph);
      checkControllers(members, report);
    }
    checkRoutes(members, report);
    checkPolicies(plan.plugin, plan.modules, report);
    checkOperations(plan.plugin, plan.modules, catalogue.reader, report);
    checkMethodFaults(members, options.methodFaults, report);
    checkHealthChecks(members, report);
    checkTasks(members, report);
    checkSubscriptions(members, report);
    checkTables(members, report);
    if (!graph.isUniform) checkMissing(plan, report);
  }
  checkUnlistedControllers(catalogue, plugins, warn);
  checkMethods(tables, catalogue.reader, report);
  // Where nobody knows what a class needs, it may well need what seems to be of no use.
  if (!graph.untyped.any) checkUnusedOverrides({ catalogue, extensionPoints, plugins, tables }, report);
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
