import { BackendStartupError } from './backend-startup-error.js';
import { BackplaneError } from './backplane-error.js';
import { pathWithin, placeIn, type Problem } from './problem.js';
import { DeadlineExceeded } from '../util/deadline.js';

/** Every reason why an import or a loader failed; a loader can have several. */
export function importProblems(error: unknown, origin: string): Problem[] {
  if (isContractError(error)) {
    const place = placeIn(error);
    const within = ([api, ...path]: readonly string[]) =>
      pathWithin(origin, [`${api}${place ? ` (${place})` : ''}`, ...path]);
    return error.problems.map(problem => ({ ...problem, path: within(problem.path) }));
  }
  if (!(error instanceof BackendStartupError)) return [importProblem(error, origin)];
  return error.problems.map(problem => ({ ...problem, path: pathWithin(origin, problem.path) }));
}

/** What a failed import or loader means to the author of the feature behind it. */
export function importProblem(error: unknown, origin: string): Problem {
  if (error instanceof BackplaneError) return { ...error.problem, path: pathWithin(origin, error.problem.path) };
  if (error instanceof DeadlineExceeded) {
    return {
      code: 'IMPORT_TIMEOUT',
      message: `${origin} was not there after ${error.milliseconds} ms`,
      path: [`in ${origin}`],
      fix: 'end what the module waits for while it loads; one that awaits Backend.start() itself must not be a feature.',
    };
  }
  const cycle = error instanceof ReferenceError && /Cannot access '(.+)' before initialization/.exec(error.message);
  if (cycle) {
    return {
      code: 'IMPORT_CYCLE',
      message: `'${cycle[1]}' is used while the module that defines it is still loading`,
      path: [`in ${origin}`],
      fix: `two modules import each other: move '${cycle[1]}', or what its module needs of the other, to a module that imports neither.`,
      cause: error,
    };
  }
  const code = (error as { code?: unknown } | undefined)?.code;
  const standard = code === 'STANDARD_DECORATORS';
  return {
    code: standard ? 'STANDARD_DECORATORS' : 'IMPORT_FAILED',
    message: standard ? `${origin} was compiled with standard decorators` : `${origin} could not be loaded`,
    path: [`in ${origin}`],
    fix: standard
      ? 'set "experimentalDecorators": true in tsconfig.json, or write "extends": "backplane/tsconfig.json".'
      : 'fix the error below; it was thrown while the module was loading.',
    cause: error,
  };
}

/** Told by its name: contracts have a copy of their own of that class, which browsers can load. */
export function isContractError(error: unknown): error is Error & { readonly problems: readonly Problem[] } {
  return (
    error instanceof Error && error.name === 'ContractError' && 'problems' in error && Array.isArray(error.problems)
  );
}
