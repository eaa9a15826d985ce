import type { ClassRecord } from '../../api/class-record.js';
import type { Catalogue } from '../catalogue.js';
import { at, type Declaration } from '../declaration.js';
import type { Report } from '../trail.js';

const name = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
const plain = new RegExp(`^${name}$`);
const dotted = new RegExp(`^${name}(?:\\.${name})+$`);

/** Ids become paths, database names and keys, so their form is strict. */
export function checkIds(catalogue: Catalogue, coreTokens: ReadonlySet<unknown>, report: Report): void {
  for (const { record } of catalogue.features) {
    const { role } = record;
    if (role?.kind === 'plugin') check('pluginId', role.options.pluginId, plain, record, report);
    if (role?.kind === 'module') {
      check('moduleId', role.options.moduleId, plain, record, report);
      check('pluginId', role.options.pluginId, plain, record, report);
    }
  }
  for (const declarations of catalogue.declarations().values()) {
    for (const declaration of declarations) checkDeclaration(declaration, coreTokens, report);
  }
}

function check(
  option: string,
  id: unknown,
  form: RegExp,
  { name: of, site }: Pick<ClassRecord, 'name' | 'site'>,
  report: Report,
) {
  if (typeof id === 'string' && form.test(id) && id.length <= 63) return;
  report({
    code: 'INVALID_ID',
    message: `'${String(id)}' is not a valid ${option}`,
    path: [`in class ${of}${at(site)}`],
    fix:
      form === plain
        ? `write it in kebab-case, as 'my-plugin': small letters, digits and single dashes, starting with a letter, 63 at most.`
        : `write it as '<namespace>.<name>', each in kebab-case, as 'acme.user-directory'.`,
  });
}

function checkDeclaration(
  { kind, id, token, site }: Declaration,
  coreTokens: ReadonlySet<unknown>,
  report: Report,
): void {
  const of = typeof token === 'function' ? token.name : 'of a reference';
  check(kind === 'service' ? 'service id' : 'extension point id', id, dotted, { name: of, site }, report);
  if (kind !== 'service' || !id.startsWith('core.') || coreTokens.has(token)) return;
  report({
    code: 'RESERVED_ID',
    message: `Service '${id}' is declared outside of the framework, which has the namespace 'core' for itself`,
    path: [`in class ${of}${at(site)}`],
    fix: `choose another namespace; to replace a core service, implement the framework's own token.`,
  });
}
