import type { OwnerPlan } from './owner-plan.js';
import { at } from './declaration.js';
import { describeOwner, type Report } from './trail.js';

/**
 * The order in which the modules of a plugin run: as they were added, except that one runs after those its `after`
 * names, and after every module that uses an extension point it provides.
 */
export function orderModules(modules: readonly OwnerPlan[], report: Report): OwnerPlan[] {
  const ordered: OwnerPlan[] = [];
  const open: OwnerPlan[] = [];
  const visit = (module: OwnerPlan): void => {
    if (ordered.includes(module)) return;
    if (open.includes(module)) {
      reportCycle(open.slice(open.indexOf(module)), report);
      return;
    }
    open.push(module);
    for (const earlier of modules.filter(other => runsBefore(other, module))) visit(earlier);
    open.pop();
    if (!ordered.includes(module)) ordered.push(module);
  };
  for (const module of modules) visit(module);
  return ordered;
}

function runsBefore(other: OwnerPlan, module: OwnerPlan): boolean {
  const { role } = module.record ?? {};
  const after = role?.kind === 'module' ? (role.options.after ?? []) : [];
  if ('moduleId' in other.owner && after.includes(other.owner.moduleId)) return true;
  const provided = module.provides;
  return other !== module && other.uses.some(id => provided.includes(id));
}

function reportCycle(cycle: readonly OwnerPlan[], report: Report): void {
  const names = [...cycle, cycle[0]!].map(({ owner }) => ('moduleId' in owner ? `'${owner.moduleId}'` : ''));
  report({
    code: 'MODULE_CYCLE',
    message: `Modules of plugin '${cycle[0]!.owner.pluginId}' wait for each other: ${names.join(' -> ')}`,
    path: cycle.map(({ owner, record }, index) => `${index ? '->' : 'in'} ${describeOwner(owner)}${at(record?.site)}`),
    fix: "a module runs after those it names in 'after' and after those that use its extension points: drop one of these.",
  });
}
