import { annotateRole, type Role } from './annotations.js';
import type { CallSite } from './call-site.js';
import { refuseStandardDecorators } from './legacy.js';
import type { AbstractClass } from './tokens.js';

/** The decorator that gives a class its role. */
export function roleDecorator(name: string, role: Role, site: CallSite | undefined): (target: AbstractClass) => void {
  return (target, context?: unknown) => {
    refuseStandardDecorators(name, context);
    annotateRole(target, role, name, site);
  };
}
