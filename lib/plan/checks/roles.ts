import { otherCopyProblem } from '../../api/framework-copy.js';
import { describePlace } from '../../util/source-place.js';
import type { Catalogue } from '../catalogue.js';
import { at } from '../declaration.js';
import type { Report } from '../trail.js';

/** A class has one role, and only its own author gives it one. */
export function checkRoles(catalogue: Catalogue, report: Report): void {
  for (const record of catalogue.reader.records()) {
    const [first, second] = record.roles;
    // What another copy was told of a class, this one does not know: its methods would be missing without a word.
    const copies = first && otherCopyProblem(record.target, () => [`in class ${record.name}${at(record.site)}`]);
    if (copies) report(copies);
    if (first && second) {
      report({
        code: 'TWO_ROLES',
        message: `Class ${record.name} is both @${first.decorator} and @${second.decorator}`,
        path: [`in class ${record.name}${at(record.site)}`],
        fix: 'keep one of the two decorators and move the rest to a class of its own.',
      });
    }
    for (const { decorator, site } of record.foreign) {
      report({
        code: 'FOREIGN_DECORATION',
        message: `Class ${record.name} was decorated with @${decorator} from outside, after it was defined`,
        path: [`in class ${record.name}${at(record.site)}`, `-> by ${describePlace(site)}`],
        fix: 'decorate a class where it is defined; to change what another plugin does, use its extension points.',
      });
    }
  }
}
