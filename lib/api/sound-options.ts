import { isAllow } from '../contract/allow.js';
import { apiOf, isOperation } from '../contract/define-api.js';

/** An option of a decorator that is not what its type says: JavaScript, or an import cycle, leaves it so. */
export interface InvalidOption {
  readonly option: string;
  /** What it has to be, as `a list of classes`. */
  readonly expected: string;
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
  migrations: classes,
  multiton: flag,
  path: text,
  perModule: flag,
  plugins: texts,
  retry: { expected: '{ attempts, delay }, two numbers', fits: isRetry },
  scope: { expected: "'root' or 'plugin'", fits: value => value === 'root' || value === 'plugin' },
};

/**
 * What is given to a decorator or a reference, with only such options as are what they have to be; whoever works with
 * them need not ask. The rest is told as `invalid`.
 *
 * An id that is no text becomes one that is no id, so that it is found where ids are looked at.
 */
export function soundOptions<O extends object>(
  given: O,
  required: readonly (keyof O & string)[] = [],
): { readonly options: O; readonly invalid: readonly InvalidOption[] } {
  const isObject = typeof given === 'object' && given !== null;
  const names = isObject ? Object.keys(given).filter(name => !required.includes(name as never)) : [];
  const invalid: InvalidOption[] = [];
  const changed: [string, unknown][] = [];
  for (const option of [...required, ...names]) {
    const value = isObject ? (given as Record<string, unknown>)[option] : undefined;
    const form = forms[option];
    if (isId(option)) {
      if (typeof value !== 'string') changed.push([option, `<${typeof value}>`]);
    } else if (form && !form.fits(value) && (value !== undefined || required.includes(option as never))) {
      invalid.push({ option, expected: form.expected });
      changed.push([option, option === 'scope' ? 'plugin' : undefined]);
    }
  }
  const options = changed.length > 0 || !isObject ? ({ ...given, ...Object.fromEntries(changed) } as O) : given;
  return { options, invalid };
}

function isId(option: string): boolean {
  return option === 'id' || option === 'pluginId' || option === 'moduleId';
}

function isRetry(value: unknown): boolean {
  const { attempts, delay } = (value ?? {}) as { attempts?: unknown; delay?: unknown };
  return [attempts, delay].every(number => typeof number === 'number' && number >= 0);
}
