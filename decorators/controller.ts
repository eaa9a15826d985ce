import type { ControllerOptions } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { roleDecorator } from './class-decorator.js';
import type { Class } from './tokens.js';

/**
 * Declares a class whose methods are routes. It belongs to the plugin or module that names it in `controllers`, and
 * shares that owner's private classes.
 */
export function Controller(options: ControllerOptions = {}): (target: Class) => void {
  return roleDecorator('Controller', { kind: 'controller', options }, callSiteOf(Controller));
}
