import type { ModuleOptions } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { roleDecorator } from './class-decorator.js';
import type { LifecycleClass } from './lifecycle-class.js';

/**
 * Declares a module: it extends exactly one plugin, through that plugin's extension points and nothing else.
 *
 * `init()` runs before the plugin's own. Modules run in the order they were added, except that `after` is honoured and
 * that a module which provides an extension point runs after every module that uses it.
 *
 * @example
 * @Module({ pluginId: 'catalog', moduleId: 'github' })
 * export class CatalogModuleGithub {
 *   constructor(private readonly processing: CatalogProcessing) {}
 *   init() { this.processing.addProcessor(new GithubProcessor()); }
 * }
 */
export function Module(options: ModuleOptions): (target: LifecycleClass) => void {
  refuseBare('Module', options);
  return roleDecorator('Module', { kind: 'module', options }, callSiteOf(Module));
}
