import { keyStep } from '../../errors/key-step.js';
import type { Problem } from '../../errors/problem.js';
import { describeType, type ConfigNode } from './config-node.js';
import type { Found } from './config-path.js';

export function invalidValue(key: string, place: string, message: string, fix: string): Problem {
  return { code: 'INVALID_CONFIG', message, path: [keyStep(key, place)], fix };
}

/** A value of another type. Says what it is, and what it holds only as `shown`. */
export function wrongType(
  key: string,
  node: ConfigNode,
  { name, fix = `write ${name} there` }: { readonly name: string; readonly fix?: string },
  shown = describeType(node),
): Problem {
  const message = `Configuration key '${key}' must be ${name}, not ${shown}`;
  return invalidValue(key, node.place, message, fix);
}

/** A key without a value, at the nearest value there is. */
export function missingValue(key: string, { nearest }: Found, expected: string, fix = setKey(key)): Problem {
  const path = nearest.path === '' ? [] : [keyStep(nearest.path, nearest.node.place)];
  return {
    code: 'MISSING_CONFIG',
    message: `Configuration key '${key}' is missing; it must be ${expected}`,
    path,
    fix,
  };
}

/** A file that cannot be used; `place` is the file, or a place in it. */
export function unusableFile(place: string, message: string, fix: string): Problem {
  return { code: 'CONFIG_FILE', message, path: [`in ${place}`], fix };
}

function setKey(key: string): string {
  const parts = key.split('.');
  const inEnvironment = parts.every(part => /^[a-z][a-z0-9]*(?:[-:][a-z0-9]+)*$/i.test(part));
  const variable = inEnvironment ? `, or in the environment as APP_CONFIG_${parts.join('_')}` : '';
  return `set it in app-config.yaml${variable}.`;
}

export function unusableSchema(packageName: string, what: string, cause?: unknown): Problem {
  return {
    code: 'INVALID_CONFIG_SCHEMA',
    message: `The configuration schema of package '${packageName}' ${what}`,
    path: [`in package '${packageName}'`],
    fix: "correct 'configSchema' in its package.json: a JSON Schema (draft 7 or 2020-12), or the path of a .json file with one.",
    ...(cause !== undefined && { cause }),
  };
}
