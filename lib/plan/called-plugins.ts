import { clientOriginOf } from '../api/client-of.js';
import { ranks } from '../api/feature.js';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import type { Catalogue } from './catalogue.js';
import { at } from './declaration.js';
import type { OwnerPlan } from './owner-plan.js';
import type { Plan } from './plan.js';
import { describeOwner } from './trail.js';

/** The plugins whose clients something of the owner injects; a client that a test has replaced calls nobody. */
export function calledPlugins({ units }: OwnerPlan, catalogue: Catalogue): string[] {
  const keys = [...units.own()].flatMap(({ dependencies }) => dependencies.filter(({ absent }) => !absent));
  const called = keys.flatMap(({ key }) => (typeof key === 'string' ? (calledBy(key, catalogue) ?? []) : []));
  return [...new Set(called)];
}

/**
 * Warns of clients of plugins that nobody knows the address of: their first call would fail. `elsewhere` has those that
 * configuration names, `*` for all others.
 */
export function unreachablePlugins(plan: Plan, elsewhere: ReadonlySet<string>): Problem[] {
  const { catalogue, plugins } = plan;
  // Whatever else says where plugins are may know of more.
  const isOurs = catalogue.candidates('core.discovery').every(({ rank }) => rank === 'framework');
  if (!isOurs || catalogue.wrappers('core.discovery').length > 0) return [];
  if (elsewhere.has('*')) return [];
  const installed = plugins.map(({ pluginId }) => pluginId);
  return plugins.flatMap(({ plugin, modules }) =>
    [plugin, ...modules].flatMap(member =>
      calledPlugins(member, catalogue)
        .filter(pluginId => !installed.includes(pluginId) && !elsewhere.has(pluginId))
        .map(pluginId => unreachable(pluginId, member, installed)),
    ),
  );
}

function calledBy(serviceId: string, catalogue: Catalogue): string | undefined {
  const { record } =
    catalogue.candidates(serviceId).toSorted((a, b) => ranks.indexOf(a.rank) - ranks.indexOf(b.rank))[0] ?? {};
  return record && clientOriginOf(record.target)?.api.pluginId;
}

function unreachable(pluginId: string, { owner, record }: OwnerPlan, installed: readonly string[]): Problem {
  const near = closest(pluginId, installed);
  return {
    code: 'UNREACHABLE_PLUGIN',
    message: `Plugin '${pluginId}' is called, does not run in this backend, and 'discovery.endpoints' does not say where it does`,
    path: [`in ${describeOwner(owner)}${at(record?.site)}`, `-> service '${pluginId}.client'`],
    fix: `${near === undefined ? '' : `did you mean '${near}'? Otherwise `}add the plugin, or name it under 'discovery.endpoints'.`,
  };
}
