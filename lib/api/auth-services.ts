import type { IncomingMessage, ServerResponse } from 'node:http';
import { Service } from '../../decorators/service.js';
import type { Allow } from '../contract/allow.js';
import type {
  Credentials,
  NonePrincipal,
  Principal,
  PrincipalOf,
  ServicePrincipal,
  UserPrincipal,
} from './credentials.js';

/** Tokens and credentials of one plugin. */
@Service({ id: 'core.auth', scope: 'plugin' })
export abstract class AuthService {
  /**
   * The credentials behind a token, or a rejection with `UnauthenticatedError` (401).
   *
   * A limited user token, as a cookie holds, is taken for one only with `allowLimitedAccess`.
   */
  abstract authenticate(token: string, options?: { readonly allowLimitedAccess?: boolean }): Promise<Credentials>;
  abstract isPrincipal<T extends Principal['type']>(
    credentials: Credentials,
    type: T,
  ): credentials is Credentials<Extract<Principal, { type: T }>>;
  abstract getNoneCredentials(): Credentials<NonePrincipal>;
  abstract getOwnServiceCredentials(): Credentials<ServicePrincipal>;
  /**
   * A token with which this plugin calls `targetPluginId`, as itself or on behalf of a user.
   *
   * Rejects where the credentials are another plugin's, are nobody's, or may not be used at the target (403).
   */
  abstract getPluginRequestToken(request: {
    readonly onBehalfOf: Credentials;
    readonly targetPluginId: string;
  }): Promise<{ readonly token: string }>;
  /** A token for a cookie: it says who the user is, and opens only what allows `user-cookie`. */
  abstract getLimitedUserToken(
    credentials: Credentials<UserPrincipal>,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** The public part of the keys that this plugin signs with, as JWKs. */
  abstract listPublicServiceKeys(): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }>;
}

/** Who a request to this plugin comes from. */
@Service({ id: 'core.http-auth', scope: 'plugin' })
export abstract class HttpAuthService {
  /**
   * The credentials of a request. Rejects with 401 where `allow` asks for some and there are none or bad ones, and with
   * 403 where they are of another kind. Without `allow` a user or a service is asked for; nobody is never among them.
   *
   * A cookie counts only where `allow` names `user-cookie`.
   */
  abstract credentials<const A extends Allow | undefined = undefined>(
    req: IncomingMessage,
    options?: { readonly allow?: A },
  ): Promise<Credentials<PrincipalOf<A>>>;
  /** Sets the cookie that opens `user-cookie` routes of this plugin, or clears it where `credentials` are nobody's. */
  abstract issueUserCookie(
    req: IncomingMessage,
    res: ServerResponse,
    options?: { readonly credentials?: Credentials },
  ): Promise<{ readonly expiresAt: Date | undefined }>;
}

/** What is known of a user besides the reference. */
@Service({ id: 'core.user-info', scope: 'plugin' })
export abstract class UserInfoService {
  /** Rejects with `BadRequestError` for credentials that are not a user's. */
  abstract getUserInfo(
    credentials: Credentials,
  ): Promise<{ readonly userEntityRef: string; readonly ownershipEntityRefs: readonly string[] }>;
}
