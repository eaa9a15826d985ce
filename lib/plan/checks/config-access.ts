import type { ConfigSection } from '../../../decorators/config-of.js';
import type { Class } from '../../../decorators/tokens.js';
import { publicConfigKeys } from '../../api/config-visibility.js';
import type { Requester } from '../resolve-parameters.js';
import { describeOwner, describeTrail, type Report, step, type Trail } from '../trail.js';

/** Whether the requester may read the section at all: a plugin has its own key, and what it says it reads. */
export function checkConfigSection(
  section: ConfigSection,
  target: Class,
  { owner, configKeys = [] }: Requester,
  trail: Trail,
  report: Report,
): boolean {
  if (!('pluginId' in owner)) return true;
  const open = [owner.pluginId, ...configKeys, ...publicConfigKeys];
  if (open.some(key => section.path === key || section.path.startsWith(`${key}.`))) return true;
  report({
    code: 'FOREIGN_CONFIG',
    message: `Class ${target.name} reads configuration '${section.path}', which ${describeOwner(owner)} does not declare`,
    path: describeTrail(step(trail, `-> configOf('${section.path}')`, section.site)),
    fix: `read below '${owner.pluginId}', or write config: ['${section.path}'] in the decorator of ${describeOwner(owner)}.`,
  });
  return false;
}
