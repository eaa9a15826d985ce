import { UnauthenticatedError } from '../../errors/http-error.js';
import { formOf, tokenTypes } from './token-form.js';

/** The claims of a limited token, in the order in which they are signed. */
export function limitedClaims({ sub, iat, exp }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { sub, iat, exp };
}

/**
 * The limited token within a verified user token, which carries its signature as `uip`: what a plugin passes on, or puts
 * into a cookie, says who the user is, and is not the token itself. A limited token is given as it is.
 *
 * Throws 401 for a user token without `uip`.
 */
export function limitedTokenOf(userToken: string): string {
  const { header, claims } = formOf(userToken)!;
  if (header['typ'] === tokenTypes.limitedUser) return userToken;
  const { uip } = claims;
  if (typeof uip !== 'string') {
    throw new UnauthenticatedError('The user token cannot be passed on', { code: 'illegal_token' });
  }
  const limited = { typ: tokenTypes.limitedUser, alg: header['alg'], kid: header['kid'] };
  return `${encoded(limited)}.${encoded(limitedClaims(claims))}.${uip}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
