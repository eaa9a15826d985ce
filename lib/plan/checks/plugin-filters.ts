import type { Problem } from '../../errors/problem.js';
import { closest } from '../../util/did-you-mean.js';
import type { Candidate, Catalogue, Wrapper } from '../catalogue.js';
import { at } from '../declaration.js';
import type { Report } from '../trail.js';

/**
 * What `plugins: [...]` cannot mean: on a root service, of which there is one for all, it is a problem. A plugin that is
 * not installed is worth a warning and no more, as it may run in another process.
 */
export function checkPluginFilters(
  catalogue: Catalogue,
  installed: readonly string[],
  report: Report,
  warn: Report,
): void {
  for (const id of catalogue.ids()) {
    const { scope } = catalogue.declarationById(id)!;
    for (const provider of [...catalogue.candidates(id), ...catalogue.wrappers(id)]) {
      const { plugins = [], rank } = provider;
      if (provider.plugins && scope === 'root') {
        report({
          code: 'PLUGINS_ON_ROOT_SERVICE',
          message: `Root service '${id}' is the same for all plugins, and cannot be another for ${quote(plugins)}`,
          path: [placeOf(provider)],
          fix:
            rank === 'test'
              ? 'leave out .for({ pluginId }).'
              : `leave out 'plugins', or declare the service with scope: 'plugin'.`,
        });
      } else if (rank !== 'test') {
        for (const pluginId of plugins.filter(p => !installed.includes(p))) {
          warn(unknownPlugin(pluginId, provider, installed));
        }
      }
    }
  }
}

export function unknownPlugin(pluginId: string, provider: Candidate | Wrapper, installed: readonly string[]): Problem {
  const near = closest(pluginId, installed);
  return {
    code: 'UNKNOWN_PLUGIN',
    message: `${provider.record ? `Class ${provider.record.name}` : provider.origin} is only for plugin '${pluginId}', which is not installed`,
    path: [placeOf(provider)],
    fix: near ? `did you mean '${near}'?` : 'add the plugin, or remove what is meant for it.',
  };
}

function placeOf(provider: Candidate | Wrapper): string {
  const { record, origin } = provider;
  if (record) return `in class ${record.name}${at(record.site)}`;
  return `in ${origin}${at('site' in provider ? provider.site : undefined)}`;
}

function quote(plugins: readonly string[]): string {
  return plugins.length === 0 ? 'none' : plugins.map(plugin => `'${plugin}'`).join(', ');
}
