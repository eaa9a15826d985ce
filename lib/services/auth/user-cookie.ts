import type { IncomingMessage } from 'node:http';
import { userCookieName as name } from '../../api/user-cookie-name.js';
import { ForbiddenError } from '../../errors/http-error.js';
import { illegalToken } from './refusals.js';

/**
 * The token in the cookie of a request. Throws 401 where there are two: other hosts of the domain can set cookies for this
 * one, and a browser does not say which is whose.
 */
export function cookieTokenOf(req: IncomingMessage): string | undefined {
  const { cookie } = req.headers;
  if (!cookie?.includes(name)) return undefined;
  let token: string | undefined;
  for (const pair of cookie.split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() !== name || !value) continue;
    if (token !== undefined && token !== value.trim()) throw illegalToken();
    token = value.trim();
  }
  return token;
}

/** Whether it only reads. */
export function isSafe({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/**
 * A browser sends cookies whoever has written the page, so what changes something must come from a page of our own:
 * throws 403 for every other one, and for a request that does not say where it comes from.
 */
export function refuseForeignPage(req: IncomingMessage, own: URL | undefined): void {
  const { origin, 'sec-fetch-site': site } = req.headers;
  if (site === 'same-origin' && (origin === undefined || isOwn(origin, req, own))) return;
  throw new ForbiddenError('Cookies are taken only from pages of the same origin', { code: 'foreign_origin' });
}

function isOwn(origin: string, { headers }: IncomingMessage, own: URL | undefined): boolean {
  if (own) return origin === own.origin;
  return origin === `http://${headers.host}` || origin === `https://${headers.host}`;
}

/** The header that sets the cookie for one plugin, or with an `expires` in the past takes it away. */
export function cookieHeader(token: string, expires: Date, external: URL): string {
  const isSecure = external.protocol === 'https:' || external.hostname === 'localhost';
  const attributes = [
    `${name}=${token}`,
    `Domain=${external.hostname}`,
    `Path=${external.pathname}`,
    `Expires=${expires.toUTCString()}`,
    'HttpOnly',
    ...(isSecure ? ['Secure', 'SameSite=None'] : ['SameSite=Lax']),
    'Priority=High',
  ];
  return attributes.join('; ');
}
