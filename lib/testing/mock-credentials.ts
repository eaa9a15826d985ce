import type {
  AccessRestriction,
  Credentials,
  NonePrincipal,
  ServicePrincipal,
  UserPrincipal,
} from '../api/credentials.js';
import { userCookieName } from '../api/user-cookie-name.js';
import { MockCredentials, writeMockToken } from './mock-tokens.js';
import { refuseProduction } from './refuse-production.js';

const someone = 'user:default/mock';
const something = 'external:test-service';

/**
 * Who calls, in tests: credentials to hand to code, and tokens for requests to a `TestBackend`, which alone takes them.
 *
 * @example
 * await backend.request.get('/api/catalog/mine', { headers: { authorization: mockCredentials.user.header() } });
 */
export const mockCredentials = {
  none: (): Credentials<NonePrincipal> => made(() => new MockCredentials({ type: 'none' })),

  /** A user, by default `user:default/mock`. Throws a `TypeError` for what is no reference to an entity. */
  user: Object.assign(
    (userEntityRef = someone): Credentials<UserPrincipal> =>
      made(() => new MockCredentials({ type: 'user', userEntityRef: sound(userEntityRef) })),
    {
      token: (userEntityRef = someone): string => made(() => writeMockToken({ user: sound(userEntityRef) })),
      /** The value of `Authorization`. */
      header: (userEntityRef = someone): string => `Bearer ${mockCredentials.user.token(userEntityRef)}`,
      /** The value of `Cookie`, for routes that allow `user-cookie`. */
      cookie: (userEntityRef = someone): string =>
        made(() => `${userCookieName}=${writeMockToken({ user: sound(userEntityRef), limited: true })}`),
      invalidToken: (): string => 'mock-token.invalid',
      invalidHeader: (): string => 'Bearer mock-token.invalid',
    },
  ),

  /** A program, by default `external:test-service`; `plugin:<id>` for a plugin. */
  service: Object.assign(
    (subject = something, accessRestrictions?: readonly AccessRestriction[]): Credentials<ServicePrincipal> =>
      made(() => new MockCredentials({ type: 'service', subject, ...(accessRestrictions && { accessRestrictions }) })),
    {
      /** With `targetPluginId` only that plugin takes it; `onBehalfOf` is the user it acts for. */
      token: (options: MockServiceToken = {}): string => made(() => serviceToken(options)),
      /** The value of `Authorization`. */
      header: (options: MockServiceToken = {}): string => `Bearer ${mockCredentials.service.token(options)}`,
      invalidToken: (): string => 'mock-token.invalid',
      invalidHeader: (): string => 'Bearer mock-token.invalid',
    },
  ),
} as const;

export interface MockServiceToken {
  readonly subject?: string;
  readonly accessRestrictions?: readonly AccessRestriction[];
  readonly targetPluginId?: string;
  readonly onBehalfOf?: Credentials<UserPrincipal>;
}

function serviceToken({ subject, accessRestrictions, targetPluginId, onBehalfOf }: MockServiceToken): string {
  return writeMockToken({
    service: subject ?? something,
    ...(accessRestrictions && { restrictions: accessRestrictions }),
    ...(targetPluginId !== undefined && { target: targetPluginId }),
    ...(onBehalfOf && { onBehalfOf: onBehalfOf.principal.userEntityRef }),
  });
}

function made<T>(make: () => T): T {
  refuseProduction('mockCredentials');
  return make();
}

function sound(userEntityRef: string): string {
  if (/^[\w.-]+:[\w.-]+\/[\w.@+-]+$/.test(userEntityRef)) return userEntityRef;
  throw new TypeError(`'${userEntityRef}' is not <kind>:<namespace>/<name>`);
}
