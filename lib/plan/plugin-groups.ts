import type { ClassRecord } from '../api/class-record.js';
import { closest } from '../util/did-you-mean.js';
import type { Catalogue } from './catalogue.js';
import { at } from './declaration.js';
import type { Extensible } from './extension-points.js';
import type { Report } from './trail.js';

/** A plugin or a module, and the class that says so. */
export interface Member {
  readonly owner: Extensible;
  /** `undefined` for the empty plugin that stands in for one that is not there. */
  readonly record: ClassRecord | undefined;
}

/**
 * Each plugin with its modules, the plugin first. Of duplicates the first counts; they are reported elsewhere.
 *
 * A module whose plugin is not there gets an empty one, so that everything else that is wrong with it is found, too.
 * Unless `placeholders` are welcome, that is a problem.
 */
export function groupByPlugin(catalogue: Catalogue, placeholders: boolean, report: Report): Map<string, Member[]> {
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
    const group: Member[] = groups.get(pluginId) ?? [{ owner: { kind: 'plugin', pluginId }, record: undefined }];
    groups.set(pluginId, group);
    if (!group[0]?.record && !placeholders) reportOrphan(record, { pluginId, moduleId, installed }, report);
    if (!group.some(m => 'moduleId' in m.owner && m.owner.moduleId === moduleId)) {
      group.push({ owner: { kind: 'module', pluginId, moduleId }, record });
    }
  }
  return groups;
}

function reportOrphan(
  record: ClassRecord,
  { pluginId, moduleId, installed }: { pluginId: string; moduleId: string; installed: readonly string[] },
  report: Report,
): void {
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
