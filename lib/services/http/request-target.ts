import { BadRequestError, HttpError } from '../../errors/http-error.js';

/** What no canonical path has: another character, an empty segment but the last, a dot segment. */
const strange = /[^\w\-.~!$&'()*+,=:@%/]|\/(?:\/|\.\.?(?:\/|$))/;
const badEscape = /%(?![\da-f]{2})|%00/i;
const encodedUnreserved = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i;
const encodedSeparator = /%(?:2f|5c)/i;

/** As much as anybody's routing table needs; a longer one is an attack or a query in the wrong place. */
const longest = 2_048;

/**
 * The path of a request target, refused where there is a second way to write it: what looks at the path as text, and
 * what decodes it, must never see two different ones.
 *
 * So no empty or dot segments, no `;` or `\`, no escape for what needs none, nothing that is not UTF-8, no NUL, and no
 * absolute form. The query is held to the same encoding.
 */
export function pathOf(target: string): string {
  const end = target.indexOf('?');
  const path = end === -1 ? target : target.slice(0, end);
  if (path.length > longest) throw new HttpError(414, 'The path is too long', { code: 'uri_too_long' });
  if (target.includes('%')) checkEscapes(target, path);
  if (path.charCodeAt(0) !== 47 || strange.test(path)) throw badPath();
  return path;
}

/**
 * Refuses an encoded `/` or `\`. A route's parameter may hold one, as the name of an npm package does; middleware,
 * which compares paths as text and may decode them later, may not.
 */
export function refuseEncodedSeparators(path: string): void {
  if (path.includes('%') && encodedSeparator.test(path)) throw badPath();
}

export function badPath(): HttpError {
  return new BadRequestError('The path is not in its canonical form', { code: 'bad_path' });
}

function checkEscapes(target: string, path: string): void {
  if (badEscape.test(target) || !isUtf8(target)) {
    throw new BadRequestError('The URL is not encoded as UTF-8', { code: 'bad_encoding' });
  }
  if (encodedUnreserved.test(path)) throw badPath();
}

function isUtf8(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
