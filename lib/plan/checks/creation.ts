import type { ClassRecord } from '../../api/class-record.js';
import { describeTrail, type Report, type Trail } from '../trail.js';

/** A class that says what its static `create()` receives has to have one. */
export function checkCreate({ name, target }: ClassRecord, trail: Trail, report: Report): void {
  if (typeof (target as { create?: unknown }).create === 'function') return;
  report({
    code: 'MISSING_CREATE',
    message: `Class ${name} is to be made by its create(), and has none`,
    path: describeTrail(trail),
    fix: "write static create(), which may be async, or leave out 'create' to use the constructor.",
  });
}
