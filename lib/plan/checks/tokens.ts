import type { Role } from '../../../decorators/annotations.js';
import type { ClassRecord } from '../../api/class-record.js';
import { otherCopyProblem } from '../../api/framework-copy.js';
import type { Problem } from '../../errors/problem.js';
import { at, type Declaration } from '../declaration.js';

/** What is wrong with what `record` implements or wraps. `declaration` is what that declares. */
export function checkToken(
  record: ClassRecord,
  role: Extract<Role, { kind: 'implementation' | 'wrapper' }>,
  declaration: Declaration | undefined,
): Problem | undefined {
  const option = role.kind === 'wrapper' ? 'wraps' : 'implements';
  const path = () => [`in class ${record.name}${at(record.site)}`];
  if (role.of === undefined) return undefinedToken(`'${option}' of class ${record.name}`, path());
  const decorator = record.roles[0]?.decorator === 'ExtensionPoint' ? 'extension-point' : 'service';
  if (declaration?.kind === decorator) return undefined;
  const right =
    decorator === 'service'
      ? `name a class with @Service({ id, scope }) or a reference made by createServiceRef; an extension point is for @ExtensionPoint({ ${option} }).`
      : `name a class with @ExtensionPoint({ pluginId, id }) or a reference made by createExtensionPoint; a service is for @Service({ ${option} }).`;
  return (
    (declaration ? undefined : otherCopyProblem(role.of, path)) ?? {
      code: 'NOT_A_TOKEN',
      message: `What class ${record.name} ${option} is not a declared ${decorator === 'service' ? 'service' : 'extension point'}`,
      path: path(),
      fix: right,
    }
  );
}

/** Something that a decorator names was not there yet when the decorator was called. */
export function undefinedToken(what: string, path: readonly string[]): Problem {
  return {
    code: 'UNDEFINED_TOKEN',
    message: `What ${what} names was undefined when the class was defined`,
    path,
    fix: 'two modules import each other: move what is named to a module of its own.',
  };
}
