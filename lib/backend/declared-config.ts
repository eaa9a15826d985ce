import type { Class } from '../../decorators/tokens.js';
import type { Plan } from '../plan/plan.js';
import type { Unit, UnitTable } from '../plan/unit.js';

/** The configuration keys that plugins, modules and services say that they read, or may read without saying which. */
export function declaredConfig(plan: Plan, ownServices: readonly Class[]): string[] {
  const { catalogue, plugins, root } = plan;
  const creations = [...catalogue.ids()].flatMap(id => [
    ...catalogue.candidates(id).map(({ creation }) => creation.config),
    ...catalogue.wrappers(id).map(({ config }) => config),
    catalogue.declarationById(id)?.creation.config,
  ]);
  const declared = creations.flatMap(keys => keys ?? []);
  const reads = (table: UnitTable) => [...table.own()].some(unit => readsAnything(unit, ownServices));
  const isOpen = reads(root);
  for (const { pluginId, plugin, modules, services } of plugins) {
    const members = [plugin, ...modules];
    declared.push(...members.flatMap(({ configKeys }) => configKeys));
    if (isOpen || reads(services) || members.some(({ units }) => reads(units))) declared.push(pluginId);
  }
  return declared;
}

/** It has the configuration itself, of which it may ask what it wants. */
function readsAnything({ recipe, dependencies }: Unit, ownServices: readonly Class[]): boolean {
  if ('target' in recipe && ownServices.includes(recipe.target)) return false;
  return recipe.by !== 'alias' && dependencies.some(({ key, absent }) => key === 'core.root-config' && !absent);
}
