import { at } from '../declaration.js';
import { walkDepthFirst } from '../../util/depth-first.js';
import type { OwnerPlan } from '../owner-plan.js';
import type { PluginPlan } from '../plan.js';
import type { Report } from '../trail.js';
import type { Key, Unit, UnitTable } from '../unit.js';

/**
 * Finds what `plugins: [...]` gives to some plugins and others need: a service that is the same for all was looked up
 * when it was asked for, but what it finds in turn may differ from plugin to plugin.
 */
export function checkMissing({ plugin, modules, services, eager, pluginId }: PluginPlan, report: Report): void {
  const seen = new Set<Unit>();
  const follow = (keys: readonly Key[], table: UnitTable) =>
    walkDepthFirst(keys, {
      enter(key, way) {
        const unit = table.find(key);
        if (!unit)
          reportMissing(
            key,
            way.map(k => table.find(k)!),
            { report, pluginId },
          );
        if (!unit || seen.has(unit)) return undefined;
        seen.add(unit);
        const needed = unit.dependencies.filter(d => !d.absent && !(d.optional && !table.find(d.key)));
        return needed.map(dependency => dependency.key);
      },
    });
  follow(eager, services);
  for (const owner of [plugin, ...modules]) follow(rootsOf(owner), owner.units);
}

function rootsOf({ units, methods }: OwnerPlan): Key[] {
  return [...[...units.own()].map(({ key }) => key), ...methods.map(({ receiver }) => receiver.key)];
}

/** Eager services are made with nobody who asks for them. */
function isOwner({ title }: Unit): boolean {
  return /^(?:plugin|module) /.test(title);
}

function stepOf({ title, site }: Unit): string {
  return `${title}${at(site)}`;
}

function reportMissing(
  key: Key,
  way: readonly Unit[],
  { report, pluginId }: { report: Report; pluginId: string },
): void {
  const id = String(key);
  report({
    code: 'MISSING_SERVICE',
    message: `No service implements '${id}' in plugin '${pluginId}'`,
    path: [...(way.some(isOwner) ? [] : [`plugin '${pluginId}'`]), ...way.map(stepOf), `service '${id}'`].map(
      (step, index) => `${index ? '->' : 'in'} ${step}`,
    ),
    fix: `name '${pluginId}' in 'plugins' of an implementation of '${id}', or leave 'plugins' out of one.`,
  });
}
