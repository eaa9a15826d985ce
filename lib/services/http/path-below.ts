import { BackplaneError } from '../../errors/backplane-error.js';

const literal = /^(?:\/[\w\-.~!$&'()+,=@]+)+$/;

/** What follows `prefix` in `path`, by whole segments and with a slash in front; `undefined` where it is elsewhere. */
export function pathBelow(prefix: string, path: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined;
  if (path.length === prefix.length) return '/';
  return path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length) : undefined;
}

/** `path` as a prefix, without a slash at its end; throws `INVALID_PATH` where no canonical path can begin with it. */
export function prefixOf(path: string): string {
  const prefix = path.replace(/\/$/, '');
  if (literal.test(prefix) && !/\/\.\.?(?:\/|$)/.test(prefix)) return prefix;
  throw new BackplaneError({
    code: 'INVALID_PATH',
    message: `'${path}' is not a path that something can be used at`,
    path: [],
    fix: `write segments of plain characters, as '/static/files'; patterns belong into a router.`,
  });
}
