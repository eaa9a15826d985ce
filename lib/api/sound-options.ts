import { isAllow } from '../contract/allow.js';
import { apiOf, isOperation } from '../contract/define-api.js';
import { isObject } from '../util/is-object.js';
import { isTimer, longestTimer } from '../contract/timer.js';
import { unknownOptions } from '../util/unknown-option.js';

/** An option of a decorator that is none, or not what its type says: JavaScript, or an import cycle, leaves it so. */
export interface InvalidOption {
  /** `undefined`: all that was given. */
  readonly option: string | undefined;
  /** What is wrong with it, as `is not a list of classes`. */
  readonly what: string;
  readonly fix: string;
}

interface Form {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const text: Form = { expected: 'a text', fits: value => typeof value === 'string' };
const flag: Form = { expected: 'true or false', fits: value => typeof value === 'boolean' };
const list: Form = { expected: 'a list of classes', fits: Array.isArray };
const classes: Form = {
  expected: 'a list of classes',
  fits: value => Array.isArray(value) && value.every(item => typeof item === 'function'),
};
const texts: Form = {
  expected: 'a list of texts',
  fits: value => Array.isArray(value) && value.every(item => typeof item === 'string'),
};

const forms: Readonly<Record<string, Form>> = {
  affectsReadiness: flag,
  after: texts,
  allow: { expected: "'unauthenticated' or a list of 'user', 'service' and 'user-cookie'", fits: isAllow },
  api: { expected: 'an api that defineApi() gave', fits: value => apiOf(value) !== undefined && !isOperation(value) },
  config: texts,
  controllers: list,
  create: list,
  default: { expected: 'a function', fits: value => typeof value === 'function' },
  eager: flag,
  entities: classes,
  extensionPoints: list,
  id: text,
  migrations: classes,
  multiton: flag,
  path: text,
  perModule: flag,
  plugins: texts,
  retry: { expected: '{ attempts, delay }, two numbers', fits: isRetry },
  scope: { expected: "'root' or 'plugin'", fits: value => value === 'root' || value === 'plugin' },
  timeout: { expected: `a number of ms, at most ${longestTimer}, which is 24 days`, fits: isTimer },
};

/** The options that there are. */
export interface KnownOptions<O extends object> {
  readonly required?: readonly (keyof O & string)[];
  readonly optional?: readonly string[];
}

/**
 * What is given to a decorator or a reference, with only such options as are what they have to be; whoever works with
 * them need not ask. The rest is told as `invalid`.
 *
 * An id that is no text becomes one that is no id, so that it is found where ids are looked at.
 */
export function soundOptions<O extends object>(
  given: O,
  { required = [], optional = [] }: KnownOptions<O>,
): { readonly options: O; readonly invalid: readonly InvalidOption[] } {
  const all = (isObject(given) ? given : {}) as Record<string, unknown>;
  const invalid: InvalidOption[] = [];
  const changed: [string, unknown][] = [];
  for (const option of [...required, ...optional]) {
    const value = all[option];
    const form = forms[option];
    if (required.includes(option as never) && isId(option)) {
      if (typeof value !== 'string') changed.push([option, `<${typeof value}>`]);
    } else if (form && !form.fits(value) && (value !== undefined || required.includes(option as never))) {
      const fix = `write ${form.expected}; where it is imported, two modules may import each other.`;
      invalid.push({ option, what: `is not ${form.expected}`, fix });
      changed.push([option, option === 'scope' ? 'plugin' : undefined]);
    }
  }
  if (all !== given && given !== undefined) {
    const fix = `write an object, as { ${[...required, ...optional][0]}: … }.`;
    invalid.push({ option: undefined, what: 'is not an object', fix });
  }
  for (const { option, fix } of unknownOptions(all, [...required, ...optional])) {
    invalid.push({ option, what: 'means nothing', fix });
  }
  const options = changed.length > 0 || all !== given ? ({ ...given, ...Object.fromEntries(changed) } as O) : given;
  return { options, invalid };
}

function isId(option: string): boolean {
  return option === 'id' || option === 'pluginId' || option === 'moduleId';
}

function isRetry(value: unknown): boolean {
  const { attempts, delay } = (value ?? {}) as { attempts?: unknown; delay?: unknown };
  return [attempts, delay].every(number => typeof number === 'number' && number >= 0);
}
