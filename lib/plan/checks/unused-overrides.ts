import type { Catalogue } from '../catalogue.js';
import { at } from '../declaration.js';
import type { ExtensionPointIndex } from '../extension-points.js';
import type { Override } from '../override.js';
import type { OwnerPlan } from '../owner-plan.js';
import type { PluginPlan } from '../plan.js';
import type { Report } from '../trail.js';
import type { Key, UnitTable } from '../unit.js';

interface Planned {
  readonly catalogue: Catalogue;
  readonly extensionPoints: ExtensionPointIndex;
  readonly plugins: readonly PluginPlan[];
  readonly tables: readonly UnitTable[];
}

/** What a test puts in the place of nothing: it tests something else than its author believes. */
export function checkUnusedOverrides(planned: Planned, report: Report): void {
  const { overrides } = planned.catalogue;
  if (overrides.length === 0) return;
  const needed = neededKeys(planned);
  for (const [index, override] of overrides.entries()) {
    if (replacesSomething(override, needed, planned))
      checkRepeated(override, overrides.slice(0, index), planned, report);
    else reportUnused(override, planned, report);
  }
}

function neededKeys({ plugins, tables }: Planned): Set<Key> {
  const owners = plugins.flatMap(({ plugin, modules }) => [plugin, ...modules]);
  const receivers = owners.flatMap(({ methods }: OwnerPlan) => methods.map(({ receiver }) => receiver.key));
  const units = tables.flatMap(table => [...table.own()]);
  return new Set([...receivers, ...units.flatMap(({ dependencies }) => dependencies.map(({ key }) => key))]);
}

function replacesSomething(
  override: Override,
  needed: ReadonlySet<Key>,
  { catalogue, extensionPoints, plugins }: Planned,
): boolean {
  const { token, pluginId } = override;
  if (pluginId !== undefined && !plugins.some(plugin => plugin.pluginId === pluginId)) return false;
  const declaration = catalogue.declarationOf(token);
  if (declaration?.kind === 'extension-point') {
    const owner = extensionPoints.byId(declaration.id)?.owner.pluginId;
    if (owner === undefined || (pluginId ?? owner) !== owner) return false;
    if (!extensionPoints.standIns.has(owner)) return true;
    return plugins.some(({ modules }) => modules.some(({ uses }) => uses.includes(declaration.id)));
  }
  if (!declaration) return catalogue.isMet(override);
  return needed.has(declaration.id) || catalogue.candidates(declaration.id).some(({ rank }) => rank !== 'test');
}

/** Services that are overridden twice are found with everything else that is implemented twice. */
function checkRepeated(override: Override, earlier: readonly Override[], { catalogue }: Planned, report: Report): void {
  const { token, pluginId, origin, site } = override;
  if (catalogue.declarationOf(token)?.kind === 'service') return;
  const first = earlier.find(other => other.token === token && other.pluginId === pluginId);
  if (!first) return;
  report({
    code: 'DUPLICATE_IMPLEMENTATION',
    message: `${nameOf(override, catalogue)} is overridden twice`,
    path: [`in ${first.origin}${at(first.site)}`, `-> and in ${origin}${at(site)}`],
    fix: 'keep one of them; for one plugin only, write .for({ pluginId }).',
  });
}

function reportUnused(override: Override, { catalogue }: Planned, report: Report): void {
  const { pluginId, origin, site } = override;
  const where = pluginId === undefined ? 'here' : `in plugin '${pluginId}'`;
  report({
    code: 'UNUSED_OVERRIDE',
    message: `Nothing ${where} needs ${nameOf(override, catalogue)}, which the test overrides`,
    path: [`in ${origin}${at(site)}`],
    fix: 'remove it, or add to the features what needs it.',
  });
}

function nameOf({ token }: Override, catalogue: Catalogue): string {
  const declaration = catalogue.declarationOf(token);
  if (declaration) return `${declaration.kind === 'service' ? 'service' : 'extension point'} '${declaration.id}'`;
  return typeof token === 'function' ? `class ${token.name}` : 'what is no token';
}
