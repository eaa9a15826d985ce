import { apiOf } from '../../contract/define-api.js';
import type { Class } from '../../../decorators/tokens.js';
import type { Catalogue } from '../catalogue.js';
import { at } from '../declaration.js';
import type { PluginPlan } from '../plan.js';
import type { Report } from '../trail.js';

/**
 * Controllers that modules with features export, whose api is that of an installed plugin, and that nobody names: none of
 * their methods is ever called.
 */
export function checkUnlistedControllers(
  { controllers }: Catalogue,
  plugins: readonly PluginPlan[],
  warn: Report,
): void {
  const listed = plugins.flatMap(({ plugin, modules }) => [plugin, ...modules].flatMap(owner => owner.controllers));
  const isListed = (target: Class): boolean =>
    listed.some(other => other === target || (other as Class).prototype instanceof target);
  for (const { role, name, target, site } of new Set(controllers)) {
    const api = role?.kind === 'controller' ? apiOf(role.options.api) : undefined;
    if (!api || !plugins.some(({ pluginId }) => pluginId === api.pluginId) || isListed(target)) continue;
    warn({
      code: 'UNLISTED_CONTROLLER',
      message: `Controller ${name} is for plugin '${api.pluginId}', and neither that nor one of its modules names it`,
      path: [`in class ${name}${at(site)}`],
      fix: `write controllers: [${name}] in @Plugin or @Module, or remove the class.`,
    });
  }
}
