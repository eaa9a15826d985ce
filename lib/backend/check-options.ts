import { BackendStartupError } from '../errors/backend-startup-error.js';
import type { Problem } from '../errors/problem.js';
import { isObject } from '../util/is-object.js';
import { unknownOptions } from '../util/unknown-option.js';
import type { BackendOptions } from './backend-options.js';
import { isMode, modes } from './mode.js';

export interface OptionRule {
  readonly accepts: (value: unknown) => boolean;
  /** Completes 'is not'. */
  readonly wanted: string;
  /** What an object may have. */
  readonly keys?: readonly string[];
}

/** What each option has to be. */
export type OptionRules<O> = Readonly<Record<keyof O & string, OptionRule>>;

/** What the compiler would have said, for programs that have not asked it: throws `BackendStartupError`. */
export function checkOptions<O extends object>(options: O, rules: OptionRules<O>): void {
  const problems = isObject(options)
    ? [...unknown(options, Object.keys(rules)), ...unsound(options, rules)]
    : [invalid('What the backend was given', 'an object, as { features: [MyPlugin] }')];
  if (problems.length > 0) throw new BackendStartupError(problems);
}

function unknown(options: object, known: readonly string[], within = ''): Problem[] {
  return unknownOptions(options, known).map(({ option, fix }) => ({
    code: 'INVALID_OPTION',
    message: `The option '${within}${option}' of the backend means nothing`,
    path: [],
    fix,
  }));
}

function unsound(options: Readonly<Record<string, unknown>>, rules: Readonly<Record<string, OptionRule>>): Problem[] {
  return Object.entries(rules).flatMap(([name, { accepts, wanted, keys }]) => {
    const value = options[name];
    const strange = keys && isObject(value) ? unknown(value, keys, `${name}.`) : [];
    if (strange.length > 0) return strange;
    return value === undefined || accepts(value) ? [] : [invalid(`The option '${name}'`, wanted)];
  });
}

export const featuresRule: OptionRule = { accepts: Array.isArray, wanted: 'a list, as [MyPlugin]' };

export const backendRules: OptionRules<BackendOptions> = {
  features: featuresRule,
  config: {
    accepts: value => isText(value) || isTexts(value) || isObject(value),
    wanted: 'the path of a file, a list of them, or an object',
  },
  scan: {
    accepts: isScan,
    wanted: "{ folders, packages }, with paths and 'all' or { include, exclude }",
    keys: ['folders', 'packages'],
  },
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
  return isTexts(include) && isTexts(exclude) && unknownOptions(packages, ['include', 'exclude']).length === 0;
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
