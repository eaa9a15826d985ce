import type { AccessRestriction, Credentials, Principal, ServicePrincipal, UserPrincipal } from '../api/credentials.js';
import { UnauthenticatedError } from '../errors/http-error.js';

/** Credentials that a test has made. */
export class MockCredentials<P extends Principal = Principal> implements Credentials<P> {
  readonly principal: P;
  readonly #isLimited: boolean;

  constructor(principal: P, isLimited = false) {
    this.principal = Object.freeze(principal);
    this.#isLimited = isLimited;
    Object.freeze(this);
  }

  /** Whether a test has made `credentials`. */
  static is(credentials: Credentials): credentials is MockCredentials {
    return #isLimited in credentials;
  }

  static isLimited(credentials: MockCredentials): boolean {
    return credentials.#isLimited;
  }
}

/** What a mock token says; anybody can read and write one. */
export type MockToken =
  | { readonly user: string; readonly limited?: boolean }
  | {
      readonly service: string;
      readonly restrictions?: readonly AccessRestriction[];
      /** Who alone may take it. */
      readonly target?: string;
      readonly onBehalfOf?: string;
    };

const prefix = 'mock-token.';

export function writeMockToken(token: MockToken): string {
  return prefix + Buffer.from(JSON.stringify(token)).toString('base64url');
}

export function isMockToken(token: string): boolean {
  return token.startsWith(prefix);
}

/** The credentials behind a mock token; throws 401 as the real service does. */
export function readMockToken(token: string, pluginId: string): MockCredentials<UserPrincipal | ServicePrincipal> {
  const said = parse(token.slice(prefix.length));
  if (!said || ('target' in said && said.target !== undefined && said.target !== pluginId)) throw illegal();
  if ('user' in said) return new MockCredentials({ type: 'user', userEntityRef: said.user }, said.limited);
  const { service: subject, restrictions: accessRestrictions, onBehalfOf } = said;
  const service: ServicePrincipal = { type: 'service', subject, ...(accessRestrictions && { accessRestrictions }) };
  return new MockCredentials(
    onBehalfOf === undefined ? service : { type: 'user', userEntityRef: onBehalfOf, actor: service },
  );
}

export function illegal(): UnauthenticatedError {
  return new UnauthenticatedError('Illegal token', { code: 'illegal_token' });
}

function parse(text: string): MockToken | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as MockToken;
  } catch {
    return undefined;
  }
}
