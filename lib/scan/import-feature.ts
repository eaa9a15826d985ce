import { pathToFileURL } from 'node:url';
import { importing } from '../api/importing.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';
import { importProblem, isContractError } from '../errors/import-problem.js';

/**
 * What the module in `file` exports. `specifier` is what people call it.
 *
 * Rejects with a `BackplaneError`: `IMPORT_TIMEOUT` after `milliseconds`, `IMPORT_CYCLE`, `STANDARD_DECORATORS`,
 * `STARTED_BY_IMPORT`, or `IMPORT_FAILED` with the cause; or with the `ContractError` of an api. The rejection may be
 * awaited later; it never counts as unhandled.
 */
export function importWithDeadline(file: string, specifier: string, milliseconds: number): Promise<unknown> {
  const imported = load(file, specifier, milliseconds);
  imported.catch(() => {});
  return imported;
}

async function load(file: string, specifier: string, milliseconds: number): Promise<unknown> {
  try {
    return await importing(specifier, () =>
      withDeadline(milliseconds, () => import(pathToFileURL(file).href) as Promise<unknown>),
    );
  } catch (error) {
    // Says itself where it is, and may say several things.
    if (isContractError(error)) throw error;
    const problem = importProblem(error, specifier);
    const late = error instanceof DeadlineExceeded;
    const fix = late
      ? 'keep it out of the scan: a module that awaits Backend.start(), or whose top-level await never ends, must not be imported by one.'
      : problem.fix;
    throw new BackplaneError({ ...problem, fix, path: [`-> ${file}`] });
  }
}
