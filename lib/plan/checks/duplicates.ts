import type { ClassRecord } from '../../api/class-record.js';
import type { Problem } from '../../errors/problem.js';
import type { Candidate, Catalogue } from '../catalogue.js';
import { at, type Declaration } from '../declaration.js';
import { majorOf, packageOf } from '../package-of.js';
import type { Report } from '../trail.js';

/** Two plugins, two modules of one plugin, or two declarations with one id. */
export function checkDuplicates(catalogue: Catalogue, report: Report, warn: Report): void {
  const seen = new Map<string, ClassRecord>();
  for (const { record } of catalogue.features) {
    const { role } = record;
    if (role?.kind !== 'plugin' && role?.kind !== 'module') continue;
    const { pluginId } = role.options;
    const what =
      role.kind === 'plugin' ? `Plugin '${pluginId}'` : `Module '${role.options.moduleId}' of plugin '${pluginId}'`;
    const earlier = seen.get(what);
    if (!earlier) seen.set(what, record);
    else {
      report({
        code: role.kind === 'plugin' ? 'DUPLICATE_PLUGIN' : 'DUPLICATE_MODULE',
        message: `${what} is added twice, as class ${earlier.name} and as class ${record.name}`,
        path: [`in class ${earlier.name}${at(earlier.site)}`, `-> and in class ${record.name}${at(record.site)}`],
        fix: 'remove one of the two, or give it another id.',
      });
    }
  }
  for (const [id, declarations] of catalogue.declarations()) checkDeclarations(id, declarations, report, warn);
}

/** Two copies of one package declare the same thing; two packages do not. */
function checkDeclarations(id: string, [first, ...others]: readonly Declaration[], report: Report, warn: Report): void {
  for (const other of others) {
    const path = [`in ${nameOf(first!)}${at(first!.site)}`, `-> and in ${nameOf(other)}${at(other.site)}`];
    const a = packageOf(first!.site);
    const b = packageOf(other.site);
    const samePlace = at(first!.site) === at(other.site) && first!.site !== undefined;
    const copies = a !== undefined && b !== undefined && a.name === b.name && a.folder !== b.folder;
    if (first!.kind !== other.kind || !(copies || samePlace)) {
      report({
        code: 'DUPLICATE_ID',
        message: `'${id}' is declared twice`,
        path,
        fix: 'give one of the two another id; whoever wants the same service imports the same token.',
      });
    } else if (first!.scope !== other.scope || first!.multiton !== other.multiton) {
      report({
        code: 'INCOMPATIBLE_VERSIONS',
        message: `'${id}' is declared as ${kindOf(first!)} and as ${kindOf(other)}`,
        path,
        fix: a ? `install one version of '${a.name}': run npm ls ${a.name}.` : 'declare it once, and import that.',
      });
    } else if (copies && majorOf(a.version) !== majorOf(b.version)) {
      report({
        code: 'INCOMPATIBLE_VERSIONS',
        message: `'${id}' comes from package '${a.name}' in versions ${a.version} and ${b.version}`,
        path,
        fix: `install one major version of '${a.name}': run npm ls ${a.name}.`,
      });
    } else if (copies && a.version !== b.version) {
      warn({
        code: 'DIFFERENT_VERSIONS',
        message: `'${id}' comes from package '${a.name}' in versions ${a.version} and ${b.version}; they are taken for one`,
        path,
        fix: `install one version of '${a.name}': run npm dedupe.`,
      });
    }
  }
}

function kindOf({ scope, multiton }: Declaration): string {
  return `${multiton ? 'a multiton' : 'a service'} of scope '${scope}'`;
}

function nameOf({ token }: Declaration): string {
  return typeof token === 'function' ? `class ${token.name}` : 'a reference';
}

/** Implementations of one rank, where there can be only one. */
export function duplicateImplementation(candidates: readonly [Candidate, ...Candidate[]]): Problem {
  const count = candidates.length === 2 ? 'twice' : `${candidates.length} times`;
  const names = candidates.map(({ record, origin }) => (record ? `class ${record.name}` : origin));
  return {
    code: 'DUPLICATE_IMPLEMENTATION',
    message: `Service '${candidates[0].id}' is implemented ${count}, by ${names.join(' and by ')}`,
    path: candidates.map(({ origin, site, record }, index) => {
      const what = record ? `class ${record.name}, ${origin}` : origin;
      return `${index ? '-> and in' : 'in'} ${what}${at(site)}`;
    }),
    fix:
      candidates[0].rank === 'test'
        ? 'keep one of them; for one plugin only, write .for({ pluginId }).'
        : 'keep one of them; to change what another does, wrap it with @Service({ wraps: … }).',
  };
}
