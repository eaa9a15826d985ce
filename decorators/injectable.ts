import { callSiteOf } from './call-site.js';
import { roleDecorator } from './class-decorator.js';
import type { AbstractClass } from './tokens.js';

/**
 * Declares a private class: each owner (a plugin, a module, one implementation of a service) that injects it gets an
 * instance of its own, and nobody else can reach that instance.
 */
export function Injectable(): (target: AbstractClass) => void {
  return roleDecorator('Injectable', { kind: 'injectable' }, callSiteOf(Injectable));
}
