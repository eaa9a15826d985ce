import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { AuthService, UserInfoService } from '../../api/auth-services.js';
import type { Credentials } from '../../api/credentials.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { BadRequestError, ServiceUnavailableError } from '../../errors/http-error.js';
import { authPluginId, RootAuth } from './root-auth.js';
import { isEntityRef } from './token-form.js';

/** How long an answer is taken to be still true, in ms. */
const freshness = 5_000;

interface UserInfo {
  readonly userEntityRef: string;
  readonly ownershipEntityRefs: readonly string[];
}

/** Knows what a user token says, and asks the plugin `auth` for what it does not say. */
@Service({ implements: UserInfoService })
export class PluginUserInfo extends UserInfoService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #auth: AuthService;
  readonly #root: RootAuth;
  readonly #asked = new WeakMap<Credentials, { readonly at: number; readonly info: Promise<UserInfo> }>();

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(AuthService) auth: AuthService,
    @Inject(RootAuth) root: RootAuth,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#auth = auth;
    this.#root = root;
  }

  override async getUserInfo(credentials: Credentials): Promise<UserInfo> {
    const { principal } = credentials;
    if (principal.type !== 'user') throw new BadRequestError('Only of users more is known');
    const { userEntityRef } = principal;
    const ownershipEntityRefs = this.#root.credentials.peek(this.#pluginId, credentials)?.ownership;
    if (ownershipEntityRefs) return { userEntityRef, ownershipEntityRefs };
    const known = this.#asked.get(credentials);
    const now = performance.now();
    if (known && now - known.at < freshness) return known.info;
    const info = this.#ask(credentials, userEntityRef);
    this.#asked.set(credentials, { at: now, info });
    info.catch(() => this.#asked.delete(credentials));
    return info;
  }

  async #ask(credentials: Credentials, userEntityRef: string): Promise<UserInfo> {
    const { token } = await this.#auth.getPluginRequestToken({ onBehalfOf: credentials, targetPluginId: authPluginId });
    try {
      const { status, text } = await this.#root.documents.get(authPluginId, '/v1/userinfo', token);
      if (status !== 200) throw new Error(`The user's claims were answered with status ${status}`);
      const { claims } = JSON.parse(text) as { claims?: { sub?: unknown; ent?: unknown } };
      const { sub, ent } = claims ?? {};
      if (sub !== userEntityRef || !Array.isArray(ent) || !ent.every(isEntityRef)) {
        throw new Error("The answer is not the user's claims");
      }
      return Object.freeze({ userEntityRef, ownershipEntityRefs: Object.freeze([...ent]) });
    } catch (cause) {
      throw new ServiceUnavailableError('Nothing can be learnt about users at the moment', { cause, retryAfter: 1 });
    }
  }
}
