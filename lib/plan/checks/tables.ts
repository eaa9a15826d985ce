import type { Class } from '../../../decorators/tokens.js';
import { classNameOf } from '../../util/class-name.js';
import { partsOf } from '../catalogue.js';
import { at } from '../declaration.js';
import type { OwnerPlan } from '../owner-plan.js';
import { describeOwner, type Report } from '../trail.js';

/** An entity that a plugin and its modules name twice, and two migrations of one owner that the database cannot tell apart. */
export function checkTables(owners: readonly OwnerPlan[], report: Report): void {
  const owned = new Map<Class, OwnerPlan>();
  for (const plan of owners) {
    const { entities = [], migrations = [] } = partsOf(plan.record);
    // Worked out only where there is a problem.
    const path = () => [`in ${describeOwner(plan.owner)}${at(plan.record?.site)}`];
    for (const entity of entities) {
      const earlier = owned.get(entity);
      owned.set(entity, plan);
      if (!earlier) continue;
      report({
        code: 'DUPLICATE_ENTITY',
        message: `Entity ${classNameOf(entity)} is named by ${describeOwner(earlier.owner)} and by ${describeOwner(plan.owner)}`,
        path: path(),
        fix: 'name it once: a table belongs to the plugin, or to one of its modules.',
      });
    }
    const names = migrations.map(migration => classNameOf(migration));
    for (const name of new Set(names.filter((known, index) => names.indexOf(known) !== index))) {
      report({
        code: 'DUPLICATE_MIGRATION',
        message: `Migration '${name}' is named twice by ${describeOwner(plan.owner)}`,
        path: path(),
        fix: 'name each once, and give each class a name of its own: the database remembers it.',
      });
    }
  }
}
