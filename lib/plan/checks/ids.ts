import type { CallSite } from '../../../decorators/call-site.js';
import { isPlainId, longestId } from '../../contract/plain-id.js';
import type { Catalogue } from '../catalogue.js';
import { at, type Declaration } from '../declaration.js';
import type { Report } from '../trail.js';

/** Ids become paths, database names and keys, so their form is strict. */
export function checkIds(catalogue: Catalogue, coreTokens: ReadonlySet<unknown>, report: Report): void {
  for (const { record } of catalogue.features) {
    const { role } = record;
    if (role?.kind !== 'plugin' && role?.kind !== 'module') continue;
    const { pluginId } = role.options;
    if (role.kind === 'module') checkForm('moduleId', role.options.moduleId, isPlainId, record, report);
    checkForm('pluginId', pluginId, isPlainId, record, report);
    if (pluginId === 'core') reportReserved(`Plugin '${pluginId}'`, 'choose another pluginId.', record, report);
  }
  for (const declarations of catalogue.declarations().values()) {
    for (const declaration of declarations) checkDeclaration(declaration, coreTokens, report);
  }
}

function checkDeclaration(declaration: Declaration, coreTokens: ReadonlySet<unknown>, report: Report): void {
  const { kind, id, token, site, pluginId } = declaration;
  const of = { name: typeof token === 'function' ? token.name : undefined, site };
  if (kind === 'extension-point') {
    checkForm('pluginId of an extension point', pluginId, isPlainId, of, report);
    checkForm('extension point id', id.slice(String(pluginId).length + 1), isPlainId, of, report);
  } else {
    checkForm('service id', id, isDottedId, of, report);
    if (!id?.startsWith('core.') || coreTokens.has(token)) return;
    const fix = `choose another namespace; to replace a core service, implement the framework's own token.`;
    reportReserved(`Service '${id}'`, fix, of, report);
  }
}

interface Named {
  /** `undefined` for a reference. */
  readonly name: string | undefined;
  readonly site: CallSite | undefined;
}

type IsSound = (id: string) => boolean;

function checkForm(option: string, id: string | undefined, isSound: IsSound, of: Named, report: Report): void {
  if (id !== undefined && isSound(id)) return;
  // What is no text, see soundOptions().
  const isText = id !== undefined && !id.startsWith('<');
  report({
    code: 'INVALID_ID',
    message: isText ? `'${id}' is not a valid ${option}` : `There is no ${option}`,
    path: [placeOf(of)],
    fix: !isText
      ? 'write it, as a text; where it is imported, two modules may import each other.'
      : isSound === isPlainId
        ? `write it in kebab-case, as 'my-plugin': small letters, digits and single dashes, starting with a letter, ${longestId} at most.`
        : `write it as '<namespace>.<name>', each in kebab-case, as 'acme.user-directory', ${longestId} characters at most.`,
  });
}

/** As `acme.user-directory`. */
function isDottedId(id: string): boolean {
  const names = id.split('.');
  return id.length <= longestId && names.length > 1 && names.every(isPlainId);
}

function reportReserved(what: string, fix: string, of: Named, report: Report): void {
  report({
    code: 'RESERVED_ID',
    message: `${what} is declared outside of the framework, which has 'core' for itself`,
    path: [placeOf(of)],
    fix,
  });
}

function placeOf({ name: of, site }: Named): string {
  return `in ${of === undefined ? 'a reference' : `class ${of}`}${at(site)}`;
}
