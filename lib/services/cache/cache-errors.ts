import { inspect } from 'node:util';
import { callSiteOutside } from '../../../decorators/call-site.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { describePlace } from '../../util/source-place.js';

/** With the line that has asked the cache. */
function inPlugin(pluginId: string): string[] {
  const place = describePlace(callSiteOutside(new URL('./', import.meta.url).href));
  return [`in plugin '${pluginId}'${place === undefined ? '' : ` (${place})`}`];
}

/** `at` is where in the value it is, as `$.items[0]`. */
export function invalidValue(pluginId: string, at: string, what: string): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_CACHE_VALUE',
    message: `What is to be kept in the cache has ${what} at ${at}`,
    path: inPlugin(pluginId),
    fix: 'keep what JSON text carries: texts, finite numbers, true, false, null, lists and plain objects of them.',
  });
}

export function unfittingValue(pluginId: string, issues: readonly { readonly message: string }[]): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_CACHE_VALUE',
    message: 'What is to be kept in the cache does not fit its schema once it is JSON text',
    path: [...inPlugin(pluginId), ...issues.slice(0, 3).map(({ message }) => `-> ${message}`)],
    fix: 'keep what the schema takes, and let it take what it gives: no transformations to another type.',
  });
}

export function invalidKey(key: unknown, pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_CACHE_KEY',
    message: `A key of the cache is ${key === null ? 'null' : typeof key}, and no text`,
    path: inPlugin(pluginId),
    fix: 'make a text of it.',
  });
}

export function invalidTtl(ttl: unknown, pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_CACHE_TTL',
    message: `The ttl of an entry of the cache is ${inspect(ttl, { breakLength: Infinity, maxStringLength: 40 })}`,
    path: inPlugin(pluginId),
    fix: "write a time above 0, at most 100 years, as '5m'; to keep nothing, delete the entry.",
  });
}
