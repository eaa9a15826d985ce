import { AuthService, HttpAuthService, UserInfoService } from '../api/auth-services.js';
import type {
  Credentials,
  NonePrincipal,
  Principal,
  PrincipalOf,
  ServicePrincipal,
  UserPrincipal,
} from '../api/credentials.js';
import type { Allow } from '../contract/allow.js';
import { BadRequestError, ForbiddenError, UnauthenticatedError } from '../errors/http-error.js';
import { illegal, isMockToken, MockCredentials, readMockToken, writeMockToken } from './mock-tokens.js';

/** Takes and makes mock tokens; everything else is the business of `inner`, where there is one. */
export class MockAuth extends AuthService {
  readonly #pluginId: string;
  readonly #inner: AuthService | undefined;

  constructor(pluginId: string, inner?: AuthService) {
    super();
    this.#pluginId = pluginId;
    this.#inner = inner;
  }

  override async authenticate(
    token: string,
    options: { readonly allowLimitedAccess?: boolean } = {},
  ): Promise<Credentials> {
    if (!isMockToken(token)) {
      if (this.#inner) return this.#inner.authenticate(token, options);
      throw illegal();
    }
    const credentials = readMockToken(token, this.#pluginId);
    if (MockCredentials.isLimited(credentials) && !options.allowLimitedAccess) throw illegal();
    return credentials;
  }

  override isPrincipal<T extends Principal['type']>(
    credentials: Credentials,
    type: T,
  ): credentials is Credentials<Extract<Principal, { type: T }>> {
    return credentials.principal.type === type;
  }

  override getNoneCredentials(): Credentials<NonePrincipal> {
    return this.#inner?.getNoneCredentials() ?? new MockCredentials({ type: 'none' });
  }

  override getOwnServiceCredentials(): Credentials<ServicePrincipal> {
    const subject = `plugin:${this.#pluginId}`;
    return this.#inner?.getOwnServiceCredentials() ?? new MockCredentials({ type: 'service', subject });
  }

  override async getPluginRequestToken(request: {
    readonly onBehalfOf: Credentials;
    readonly targetPluginId: string;
  }): Promise<{ readonly token: string }> {
    const { onBehalfOf, targetPluginId: target } = request;
    if (this.#inner && !MockCredentials.is(onBehalfOf)) return this.#inner.getPluginRequestToken(request);
    const { principal } = onBehalfOf;
    if (principal.type === 'none') throw new UnauthenticatedError('Nobody can be acted for');
    const service = `plugin:${this.#pluginId}`;
    const user = principal.type === 'user' ? { onBehalfOf: principal.userEntityRef } : {};
    return { token: writeMockToken({ service, target, ...user }) };
  }

  override async getLimitedUserToken(
    credentials: Credentials<UserPrincipal>,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }> {
    if (this.#inner && !MockCredentials.is(credentials)) return this.#inner.getLimitedUserToken(credentials);
    const token = writeMockToken({ user: credentials.principal.userEntityRef, limited: true });
    return { token, expiresAt: new Date(Date.now() + 3_600_000) };
  }

  override async listPublicServiceKeys(): ReturnType<AuthService['listPublicServiceKeys']> {
    return this.#inner ? this.#inner.listPublicServiceKeys() : { keys: [] };
  }
}

/** What is known of a user without anybody to ask. */
export class MockUserInfo extends UserInfoService {
  override async getUserInfo(credentials: Credentials): ReturnType<UserInfoService['getUserInfo']> {
    return userInfoOf(credentials);
  }
}

/** Takes every request for one of the same caller, unless it has a token. */
export class MockHttpAuth extends HttpAuthService {
  readonly #auth: MockAuth;
  readonly #caller: Credentials;

  constructor(pluginId: string, caller: Credentials) {
    super();
    this.#auth = new MockAuth(pluginId);
    this.#caller = caller;
  }

  override async credentials<const A extends Allow | undefined = undefined>(
    req: Parameters<HttpAuthService['credentials']>[0],
    { allow }: { readonly allow?: A } = {},
  ): Promise<Credentials<PrincipalOf<A>>> {
    const token = /^Bearer +(.+)$/i.exec(req.headers.authorization ?? '')?.[1];
    const found = token === undefined ? this.#caller : await this.#auth.authenticate(token);
    const { type } = found.principal;
    if (type === 'none' && allow !== 'unauthenticated') throw new UnauthenticatedError();
    if (typeof allow === 'object' && !allow.some(kind => kind.startsWith(type))) throw new ForbiddenError();
    return found as Credentials<PrincipalOf<A>>;
  }

  override async issueUserCookie(): ReturnType<HttpAuthService['issueUserCookie']> {
    return { expiresAt: new Date(Date.now() + 3_600_000) };
  }
}

function userInfoOf({ principal }: Credentials): Awaited<ReturnType<UserInfoService['getUserInfo']>> {
  if (principal.type !== 'user') throw new BadRequestError('Only of users more is known');
  const { userEntityRef } = principal;
  return { userEntityRef, ownershipEntityRefs: [userEntityRef] };
}
