import type { Catalogue } from '../catalogue.js';
import { at } from '../declaration.js';
import type { Report } from '../trail.js';

export interface OverrideRules {
  /** Services that only the backend itself provides. */
  readonly fixed: ReadonlySet<string>;
  /** Core services that what a scan or a loader brings may replace or wrap: `backend.overrides.allow`. */
  readonly allowed: ReadonlySet<string>;
}

/** Who may replace what: the backend's own state nobody, core services only who says so in code or configuration. */
export function checkOverrides(catalogue: Catalogue, { fixed, allowed }: OverrideRules, report: Report): void {
  for (const id of catalogue.ids()) {
    for (const { rank, record, origin } of [...catalogue.candidates(id), ...catalogue.wrappers(id)]) {
      if (rank === 'framework' || rank === 'declaration') continue;
      const path = () => [`in ${origin}`, ...(record ? [`-> class ${record.name}${at(record.site)}`] : [])];
      if (fixed.has(id)) reportFixed(id, path(), report);
      else if ((rank === 'loader' || rank === 'scan') && id.startsWith('core.') && !allowed.has(id)) {
        report({
          code: 'CORE_OVERRIDE_NOT_ALLOWED',
          message: `Core service '${id}' would be replaced or wrapped by something that was found, not named`,
          path: path(),
          fix: `name the class in features, or allow it in the configuration: backend.overrides.allow: ['${id}'].`,
        });
      }
    }
  }
}

function reportFixed(id: string, path: readonly string[], report: Report): void {
  report({
    code: 'NOT_OVERRIDABLE',
    message: `Service '${id}' is provided by the backend itself and cannot be replaced or wrapped`,
    path,
    fix: 'remove it; to be told what happens, subscribe to BackendStatusService.',
  });
}
