import type { PluginOptions } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { roleDecorator } from './class-decorator.js';
import type { LifecycleClass } from './lifecycle-class.js';

/**
 * Declares a plugin: an isolated feature that reaches other plugins only over the wire.
 *
 * The constructor receives what the plugin depends on and must not do work. `init()` runs once every module of the
 * plugin has run, so what they added through its extension points is already there; `shutdown()` runs when the backend
 * stops, before anything the plugin depends on is disposed.
 *
 * A `pluginId` that is not kebab-case is reported by the plan as `INVALID_ID`, with the other problems.
 *
 * @example
 * @Plugin({ pluginId: 'hello' })
 * export class HelloPlugin {
 *   constructor(private readonly logger: LoggerService) {}
 *   init() { this.logger.info('hello'); }
 * }
 */
export function Plugin(options: PluginOptions): (target: LifecycleClass) => void {
  refuseBare('Plugin', options);
  return roleDecorator('Plugin', { kind: 'plugin', options }, callSiteOf(Plugin));
}
