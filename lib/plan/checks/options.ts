import type { CallSite } from '../../../decorators/call-site.js';
import type { InvalidOption } from '../../api/sound-options.js';
import type { Catalogue } from '../catalogue.js';
import { at } from '../declaration.js';
import type { Report } from '../trail.js';

/** Options of decorators and references that are not what their types say. The plan goes on as if they were absent. */
export function checkOptions(catalogue: Catalogue, report: Report): void {
  for (const { name, site, roles, invalidOptions } of catalogue.reader.records()) {
    reportInvalid(invalidOptions, `@${roles[0]?.decorator}`, `class ${name}`, site, report);
  }
  for (const { token, site, invalidOptions } of [...catalogue.declarations().values()].flat()) {
    if (typeof token === 'object') reportInvalid(invalidOptions, 'the reference', 'a reference', site, report);
  }
}

function reportInvalid(
  invalid: readonly InvalidOption[],
  of: string,
  where: string,
  site: CallSite | undefined,
  report: Report,
): void {
  for (const { option, expected } of invalid) {
    report({
      code: 'INVALID_OPTION',
      message: `Option '${option}' of ${of} is not ${expected}`,
      path: [`in ${where}${at(site)}`],
      fix: `write ${expected}; where it is imported, two modules may import each other.`,
    });
  }
}
