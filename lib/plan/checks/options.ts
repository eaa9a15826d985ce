import type { CallSite } from '../../../decorators/call-site.js';
import type { InvalidOption } from '../../api/sound-options.js';
import type { Catalogue } from '../catalogue.js';
import { at } from '../declaration.js';
import type { Report } from '../trail.js';

/** Options of decorators and references that are none, or not what their types say. The plan goes on as if they were absent. */
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
  for (const { option, what, fix } of invalid) {
    const subject = option === undefined ? `What is given to ${of}` : `Option '${option}' of ${of}`;
    report({ code: 'INVALID_OPTION', message: `${subject} ${what}`, path: [`in ${where}${at(site)}`], fix });
  }
}
