import { BackendStartupError } from '../errors/backend-startup-error.js';
import type { Problem } from '../errors/problem.js';
import { isObject } from '../util/is-object.js';
import type { BackendOptions } from './backend-options.js';
import { isMode, modes } from './mode.js';

/** What the compiler would have said, for programs that have not asked it: throws `BackendStartupError`. */
export function checkOptions(options: BackendOptions): void {
  const problems = isObject(options)
    ? Object.entries(rules).flatMap(([name, rule]) => {
        const value = options[name];
        return value === undefined || rule.accepts(value) ? [] : [invalid(`The option '${name}'`, rule.wanted)];
      })
    : [invalid('What the backend was given', 'an object, as { features: [MyPlugin] }')];
  if (problems.length > 0) throw new BackendStartupError(problems);
}

interface Rule {
  readonly accepts: (value: unknown) => boolean;
  /** Completes 'is not'. */
  readonly wanted: string;
}

const rules: Record<keyof BackendOptions, Rule> = {
  features: { accepts: Array.isArray, wanted: 'a list, as [MyPlugin]' },
  config: {
    accepts: value => isText(value) || isTexts(value) || isObject(value),
    wanted: 'the path of a file, a list of them, or an object',
  },
  scan: { accepts: isScan, wanted: "{ folders, packages }, with paths and 'all' or { include, exclude }" },
  mode: { accepts: isMode, wanted: `one of ${modes.map(mode => `'${mode}'`).join(', ')}` },
  host: { accepts: value => typeof value === 'boolean', wanted: 'true or false' },
  root: { accepts: isText, wanted: 'the path of a folder' },
};

function isScan(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { folders = [], packages = 'all' } = value;
  if (!isTexts(folders)) return false;
  if (!isObject(packages)) return packages === 'all';
  const { include = [], exclude = [] } = packages;
  return isTexts(include) && isTexts(exclude);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function invalid(what: string, wanted: string): Problem {
  return { code: 'INVALID_OPTION', message: `${what} is not ${wanted}`, path: [], fix: `write ${wanted}.` };
}
