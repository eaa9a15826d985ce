import { at } from '../declaration.js';
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
  const walk = { seen, report, pluginId };
  for (const key of eager) follow(key, services, [], walk);
  for (const owner of [plugin, ...modules]) for (const key of rootsOf(owner)) follow(key, owner.units, [], walk);
}

interface Walk {
  readonly seen: Set<Unit>;
  readonly report: Report;
  readonly pluginId: string;
}

function rootsOf({ units, methods }: OwnerPlan): Key[] {
  return [...[...units.own()].map(({ key }) => key), ...methods.map(({ receiver }) => receiver.key)];
}

function follow(key: Key, table: UnitTable, way: readonly Unit[], walk: Walk): void {
  const unit = table.find(key);
  if (!unit) {
    reportMissing(key, way, walk);
    return;
  }
  if (walk.seen.has(unit)) return;
  walk.seen.add(unit);
  for (const dependency of unit.dependencies) {
    if (dependency.absent || (dependency.optional && !table.find(dependency.key))) continue;
    follow(dependency.key, table, [...way, unit], walk);
  }
}

/** Eager services are made with nobody who asks for them. */
function isOwner({ title }: Unit): boolean {
  return /^(?:plugin|module) /.test(title);
}

function stepOf({ title, site }: Unit): string {
  return `${title}${at(site)}`;
}

function reportMissing(key: Key, way: readonly Unit[], { report, pluginId }: Walk): void {
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
