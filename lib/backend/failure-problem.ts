import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import { ModuleFailed } from './module-failed.js';

/** Why a plugin, or one of its modules, did not start, as its author reads it. */
export function problemOf(pluginId: string, error: unknown): Problem {
  if (error instanceof ModuleFailed) {
    return placed(error.cause, `module '${error.moduleId}' of plugin '${pluginId}'`, 'MODULE_FAILED');
  }
  return placed(error, `plugin '${pluginId}'`, 'PLUGIN_FAILED');
}

function placed(error: unknown, owner: string, code: string): Problem {
  if (error instanceof BackplaneError) {
    const { problem } = error;
    const known = problem.path.some(step => step.includes(owner));
    return known ? problem : { ...problem, path: [`in ${owner}`, ...problem.path] };
  }
  return {
    code,
    message: `${owner.charAt(0).toUpperCase()}${owner.slice(1)} did not start`,
    path: [`in ${owner}`],
    fix: 'fix the error below.',
    cause: error,
  };
}
