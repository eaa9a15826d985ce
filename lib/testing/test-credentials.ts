import { Inject } from '../../decorators/inject.js';
import { Service } from '../../decorators/service.js';
import { AuthService, UserInfoService } from '../api/auth-services.js';
import type { Credentials, Principal, UserPrincipal } from '../api/credentials.js';
import { PluginMetadataService } from '../api/metadata-services.js';
import { MockAuth, MockUserInfo } from './mock-auth.js';
import { MockCredentials } from './mock-tokens.js';

/** In a `TestBackend` mock tokens are good besides the real ones. */
@Service({ wraps: AuthService })
export class TestAuth extends AuthService {
  static {
    Object.freeze(this.prototype);
  }

  /** Mocks can be patched by whoever has one; what a plugin is given cannot. */
  readonly #mock: MockAuth;

  constructor(@Inject(AuthService) inner: AuthService, @Inject(PluginMetadataService) plugin: PluginMetadataService) {
    super();
    this.#mock = new MockAuth(plugin.getId(), inner);
  }

  override authenticate(...args: Parameters<AuthService['authenticate']>): Promise<Credentials> {
    return this.#mock.authenticate(...args);
  }

  override isPrincipal<T extends Principal['type']>(
    credentials: Credentials,
    type: T,
  ): credentials is Credentials<Extract<Principal, { type: T }>> {
    return this.#mock.isPrincipal(credentials, type);
  }

  override getNoneCredentials(): ReturnType<AuthService['getNoneCredentials']> {
    return this.#mock.getNoneCredentials();
  }

  override getOwnServiceCredentials(): ReturnType<AuthService['getOwnServiceCredentials']> {
    return this.#mock.getOwnServiceCredentials();
  }

  override getPluginRequestToken(
    ...args: Parameters<AuthService['getPluginRequestToken']>
  ): ReturnType<AuthService['getPluginRequestToken']> {
    return this.#mock.getPluginRequestToken(...args);
  }

  override getLimitedUserToken(
    credentials: Credentials<UserPrincipal>,
  ): ReturnType<AuthService['getLimitedUserToken']> {
    return this.#mock.getLimitedUserToken(credentials);
  }

  override listPublicServiceKeys(): ReturnType<AuthService['listPublicServiceKeys']> {
    return this.#mock.listPublicServiceKeys();
  }
}

/** In a `TestBackend` a mock user owns things as themselves alone. */
@Service({ wraps: UserInfoService })
export class TestUserInfo extends UserInfoService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #inner: UserInfoService;
  readonly #mock = new MockUserInfo();

  constructor(@Inject(UserInfoService) inner: UserInfoService) {
    super();
    this.#inner = inner;
  }

  override getUserInfo(credentials: Credentials): ReturnType<UserInfoService['getUserInfo']> {
    return (MockCredentials.is(credentials) ? this.#mock : this.#inner).getUserInfo(credentials);
  }
}
