import { isAllow } from '../contract/allow.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { isTimer, longestTimer } from '../contract/timer.js';
import { unknownOptions } from '../util/unknown-option.js';

type Form = readonly [expected: string, fits: (value: unknown) => boolean];

const forms: Readonly<Record<string, Form>> = {
  allow: [`'unauthenticated' or a list of 'user', 'service' and 'user-cookie', as ['user']`, isAllow],
  timeout: [`a number of ms, at most ${longestTimer}, which is 24 days`, isTimer],
  origins: [`a list of origins, as ['https://portal.example.com']`, Array.isArray],
};

/**
 * What is wrong with the options of a route: JavaScript may give anything, and a policy that nobody understands would let
 * in whom its author has not meant.
 */
export function* routeOptionFaults(
  options: object,
  known: readonly string[] = ['allow', 'timeout'],
): Iterable<{ readonly what: string; readonly fix: string }> {
  for (const { option, fix } of unknownOptions(options, known)) {
    yield { what: `has an option '${option}', which means nothing`, fix };
  }
  for (const [option, value] of Object.entries(options)) {
    const form = known.includes(option) ? forms[option] : undefined;
    if (form && value !== undefined && !form[1](value)) {
      yield { what: `has an option '${option}' that is not what it has to be`, fix: `write ${form[0]}.` };
    }
  }
}

/** Throws `INVALID_ROUTE` for the first thing that is wrong; `of` names what has the options, as `use('/files')`. */
export function refuseUnsoundOptions(
  options: object,
  of: () => string,
  pluginId: string,
  known: readonly string[],
): void {
  for (const { what, fix } of routeOptionFaults(options, known)) {
    throw new BackplaneError({
      code: 'INVALID_ROUTE',
      message: `${of()} ${what}`,
      path: [`in plugin '${pluginId}'`],
      fix,
    });
  }
}
