import type { ContractProblem } from './contract-error.js';
import type { OperationDraft } from './operation.js';
import { operationFaults } from './operation-faults.js';
import { isPlainId, longestId } from './plain-id.js';

const camel = /^[a-z][A-Za-z0-9]*$/;
const taken: readonly string[] = ['then', 'toJSON', 'constructor', 'init', 'shutdown'];

/** One thing that is wrong with an operation, or with an api as a whole. */
export interface Fault {
  /** What is wrong, as what follows the name of the operation: `has no path`. */
  readonly what: string;
  readonly fix: string;
}

/** Everything that is wrong with an api, which has `more` than it should. JavaScript may give anything. */
export function apiProblems(pluginId: unknown, drafts: unknown, more: readonly string[]): ContractProblem[] {
  const api = `in the api of plugin '${String(pluginId)}'`;
  const problems: ContractProblem[] = [];
  const report = (message: string, path: readonly string[], fix: string): void => {
    problems.push({ code: 'INVALID_API', message, path, fix });
  };
  if (!isPlainId(pluginId)) {
    report(
      `'${String(pluginId)}' is not a valid pluginId`,
      [api],
      `write it in kebab-case, as 'my-plugin', ${longestId} characters at most.`,
    );
  }
  for (const key of more) {
    const message = `The api of plugin '${String(pluginId)}' has '${key}', which means nothing`;
    report(message, [api], `remove it, or correct its name: there are 'pluginId' and 'operations'.`);
  }
  if (typeof drafts !== 'object' || drafts === null) {
    report(`The api of plugin '${String(pluginId)}' has no operations`, [api], 'write operations: { … }.');
    return problems;
  }
  const routes = new Map<string, string>();
  for (const [name, draft] of Object.entries(drafts)) {
    const path = [api, `-> operation '${name}'`];
    for (const { what, fix } of faultsOf(name, draft)) report(`Operation '${name}' ${what}`, path, fix);
    if (!isDraft(draft)) continue;
    const route = `${draft.method} ${draft.path.replaceAll(/:\w+/g, ':')}`;
    const other = routes.get(route);
    if (other === undefined) routes.set(route, name);
    else {
      const what = `Operations '${other}' and '${name}' are both called with ${draft.method} ${draft.path}`;
      report(what, path, 'give one of them another path or method.');
    }
  }
  return problems;
}

function* faultsOf(name: string, draft: unknown): Iterable<Fault> {
  if (taken.includes(name)) {
    yield { what: 'has a name that means something else to a class or a promise', fix: 'choose another name.' };
  } else if (!camel.test(name)) {
    yield { what: 'has a name that cannot be that of a method', fix: `write it in camelCase, as 'getEntity'.` };
  }
  if (isDraft(draft)) yield* operationFaults(draft);
  else yield { what: 'is not an operation', fix: 'write get(…), post(…), put(…), patch(…) or del(…).' };
}

function isDraft(value: unknown): value is OperationDraft {
  const { method, path, options } = (value ?? {}) as Partial<Record<keyof OperationDraft, unknown>>;
  return typeof method === 'string' && typeof path === 'string' && typeof options === 'object' && options !== null;
}
