import { Inject, Optional } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { AuthService } from '../../api/auth-services.js';
import type { Credentials, NonePrincipal, Principal, ServicePrincipal, UserPrincipal } from '../../api/credentials.js';
import { type PluginRequest, RootHttpRouterService } from '../../api/http-services.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { PluginKeyStore, type PublicKey } from '../../api/plugin-key-store.js';
import { isPlainId } from '../../contract/plain-id.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { ForbiddenError, MethodNotAllowedError, UnauthenticatedError } from '../../errors/http-error.js';
import { nobody } from './bound-credentials.js';
import { sendJson } from '../../util/send-json.js';
import { IssuedTokens } from './issued-tokens.js';
import { pluginKeysPath } from './issuers.js';
import { limitedTokenOf } from './limited-token.js';
import { Recent } from './recent.js';
import { illegalToken } from './refusals.js';
import { RootAuth } from './root-auth.js';
import { RotatingKeys, type SigningKeys } from './signing-keys.js';

/** How many verified tokens a plugin remembers, at least. */
const remembered = 1_000;

/** After this time a token is verified again, so that one whose key was withdrawn is no longer good; in ms. */
const trusted = 600_000;

interface Accepted {
  readonly credentials: Credentials;
  /** In ms since 1970. */
  readonly until: number;
  readonly isLimited: boolean;
}

/** Verifies the tokens that reach one plugin and makes those that it sends. It has no way to make another plugin's. */
@Service({ implements: AuthService })
export class PluginAuth extends AuthService implements Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #root: RootAuth;
  readonly #store: PluginKeyStore | undefined;
  readonly #removeEndpoint: () => void;
  /** Settles once others can find the first key, or could not be told of it yet. Absent where nobody is told. */
  protected readonly ready: Promise<void> | undefined;
  #own: Credentials<ServicePrincipal> | undefined;
  #accepted: Recent<Accepted> | undefined;
  #keys: SigningKeys | undefined;
  #issued: IssuedTokens | undefined;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootAuth) root: RootAuth,
    @Inject(RootHttpRouterService) router: RootHttpRouterService,
    @Optional() @Inject(PluginKeyStore) store: PluginKeyStore | undefined,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#root = root;
    this.#store = store;
    this.#removeEndpoint = router.addEndpoint({
      pluginId: this.#pluginId,
      path: pluginKeysPath,
      beforeReady: true,
      internal: true,
      handle: request => this.#answerKeys(request),
    });
    const keys = store && this.#signingKeys;
    this.ready = keys instanceof RotatingKeys ? keys.keepReady() : undefined;
  }

  override async authenticate(
    token: string,
    { allowLimitedAccess = false }: { readonly allowLimitedAccess?: boolean } = {},
  ): Promise<Credentials> {
    const known = this.#accepted?.get(token);
    const accepted = known && Date.now() < known.until ? known : await this.#verify(token);
    if (accepted.isLimited && !allowLimitedAccess) throw illegalToken();
    return accepted.credentials;
  }

  override isPrincipal<T extends Principal['type']>(
    credentials: Credentials,
    type: T,
  ): credentials is Credentials<Extract<Principal, { type: T }>> {
    return credentials.principal.type === type;
  }

  override getNoneCredentials(): Credentials<NonePrincipal> {
    return nobody;
  }

  override getOwnServiceCredentials(): Credentials<ServicePrincipal> {
    this.#own ??= this.#root.credentials.add(this.#pluginId, {
      principal: { type: 'service', subject: `plugin:${this.#pluginId}` },
    }) as Credentials<ServicePrincipal>;
    return this.#own;
  }

  override async getPluginRequestToken(request: {
    readonly onBehalfOf: Credentials;
    readonly targetPluginId: string;
  }): Promise<{ readonly token: string }> {
    const { onBehalfOf, targetPluginId } = request;
    if (!isPlainId(targetPluginId)) throw noPluginId(targetPluginId, this.#pluginId);
    if (onBehalfOf === nobody) {
      if (this.#root.settings.defaultPolicyDisabled) return { token: '' };
      throw new UnauthenticatedError('Nobody can be acted for', { code: 'missing_credentials' });
    }
    const { principal, userToken, expiresAt = Infinity } = this.#root.credentials.of(this.#pluginId, onBehalfOf);
    this.#issued ??= new IssuedTokens(this.#pluginId, this.#signingKeys);
    if (userToken !== undefined) {
      const onBehalf = { limitedToken: limitedTokenOf(userToken), expiresAt };
      return { token: await this.#issued.tokenFor(onBehalfOf, targetPluginId, onBehalf) };
    }
    if (principal.type === 'service') refuseBeyondRestrictions(principal, targetPluginId);
    return { token: await this.#issued.tokenFor(this.getOwnServiceCredentials(), targetPluginId) };
  }

  override async getLimitedUserToken(
    credentials: Credentials<UserPrincipal>,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }> {
    if (credentials.principal.type !== 'user') throw new UnauthenticatedError('Only users have limited tokens');
    const { userToken, expiresAt } = this.#root.credentials.of(this.#pluginId, credentials);
    if (userToken === undefined || expiresAt === undefined) throw illegalToken();
    return { token: limitedTokenOf(userToken), expiresAt: new Date(expiresAt) };
  }

  override async listPublicServiceKeys(): Promise<{ readonly keys: readonly PublicKey[] }> {
    return { keys: await this.#signingKeys.publicKeys() };
  }

  [Symbol.dispose](): void {
    this.#removeEndpoint();
    if (this.#keys instanceof RotatingKeys) this.#keys[Symbol.dispose]();
  }

  get #signingKeys(): SigningKeys {
    return (this.#keys ??= this.#root.keysFor(this.#store));
  }

  /** What is refused is not remembered, so that nobody can fill the memory with it. */
  async #verify(token: string): Promise<Accepted> {
    const verified = await this.#root.verifier.verify(token, this.#pluginId);
    const { expiresAt = Infinity, isLimited = false } = verified;
    const credentials = this.#root.credentials.add(this.#pluginId, verified);
    const accepted = { credentials, until: Math.min(expiresAt, Date.now() + trusted), isLimited };
    this.#accepted ??= new Recent(remembered);
    this.#accepted.set(token, accepted);
    return accepted;
  }

  async #answerKeys({ req, res }: PluginRequest): Promise<void> {
    if (req.method !== 'GET' && req.method !== 'HEAD') throw new MethodNotAllowedError(['GET', 'HEAD']);
    sendJson(res, 200, await this.listPublicServiceKeys());
  }
}

/** A token that is good at few plugins must not become one that is good at others, or without its permissions. */
function refuseBeyondRestrictions({ accessRestrictions }: ServicePrincipal, target: string): void {
  if (!accessRestrictions) return;
  const allowed = accessRestrictions.find(({ plugin }) => plugin === target);
  if (allowed && !allowed.permissions && !allowed.actions) return;
  throw new ForbiddenError('These credentials must not be passed on', { code: 'restricted_token' });
}

function noPluginId(id: unknown, pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_ID',
    message: `'${String(id)}' is not the id of a plugin`,
    path: [`in plugin '${pluginId}'`],
    fix: 'name the plugin that is called.',
  });
}
