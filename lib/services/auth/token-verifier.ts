import type { ServicePrincipal, UserPrincipal } from '../../api/credentials.js';
import { isPlainId } from '../../contract/plain-id.js';
import type { ExternalTokens } from './external-tokens.js';
import { type Issuers, pluginKeysPath, userKeysPath } from './issuers.js';
import type { Demands } from './jose-tokens.js';
import { illegalToken, restrictedToken } from './refusals.js';
import { formOf, hasPlainHeader, isEntityRef, type TokenForm, tokenLife, tokenTypes } from './token-form.js';

/** Who has sent a token, once that is known. */
export interface Verified {
  readonly principal: UserPrincipal | ServicePrincipal;
  /** In ms since 1970; absent: never. */
  readonly expiresAt?: number;
  /** The token by which the user is known, where there is one: of a service that acts for one, the one it was given. */
  readonly userToken?: string;
  /** What the user owns things as, where the token says so. */
  readonly ownership?: readonly string[];
  /** Opens only what allows `user-cookie`. */
  readonly isLimited?: boolean;
}

/** How old a user token may be, in s, however long it says that it is good. */
const oldestUserToken = 24 * 3_600;

type Claims = Readonly<Record<string, unknown>>;

/** Tells who has sent a token, by its kind: a plugin, a user, or a program outside. Rejects with 401, 403 or 503. */
export class TokenVerifier {
  readonly #issuers: Issuers;
  readonly #external: ExternalTokens;
  readonly #algorithms: string[];
  readonly #authPluginId: string;

  constructor(issuers: Issuers, external: ExternalTokens, algorithms: readonly string[], authPluginId: string) {
    this.#issuers = issuers;
    this.#external = external;
    this.#algorithms = [...algorithms];
    this.#authPluginId = authPluginId;
  }

  async verify(token: string, audience: string): Promise<Verified> {
    const form = formOf(token);
    switch (form?.header['typ']) {
      case tokenTypes.plugin:
        return this.#verifyPlugin(token, form, audience);
      case tokenTypes.user:
        return this.#verifyUser(token, form, tokenTypes.user);
      case tokenTypes.limitedUser:
        return this.#verifyUser(token, form, tokenTypes.limitedUser);
      default:
        return this.#verifyExternal(token, form, audience);
    }
  }

  /** The keys are those of the plugin that the token names, so nobody can sign in another's name. */
  async #verifyPlugin(token: string, form: TokenForm, audience: string): Promise<Verified> {
    const { sub: pluginId, aud } = form.claims;
    if (!isPlainId(pluginId) || aud !== audience) throw illegalToken();
    const { sub, exp, obo } = await this.#verifySigned(token, form, pluginId, pluginKeysPath, {
      typ: tokenTypes.plugin,
      audience,
      algorithms: this.#algorithms,
      requiredClaims: ['sub', 'aud', 'iat', 'exp'],
      maxTokenAge: tokenLife,
    });
    const expiresAt = (exp as number) * 1_000;
    const actor: ServicePrincipal = { type: 'service', subject: `plugin:${String(sub)}` };
    if (obo === undefined) return { principal: actor, expiresAt };
    const inner = typeof obo === 'string' ? formOf(obo) : undefined;
    if (inner?.header['typ'] !== tokenTypes.limitedUser) throw illegalToken();
    const user = await this.#verifyUser(obo as string, inner, tokenTypes.limitedUser);
    const principal: UserPrincipal = { ...(user.principal as UserPrincipal), actor };
    return { principal, userToken: obo as string, expiresAt: Math.min(expiresAt, user.expiresAt!) };
  }

  async #verifyUser(token: string, form: TokenForm, typ: string): Promise<Verified> {
    if (!isEntityRef(form.claims['sub'])) throw illegalToken();
    const { sub, exp, ent } = await this.#verifySigned(token, form, this.#authPluginId, userKeysPath, {
      typ,
      algorithms: this.#algorithms,
      requiredClaims: ['sub', 'iat', 'exp'],
      maxTokenAge: oldestUserToken,
    });
    const ownership = Array.isArray(ent) && ent.every(isEntityRef) ? { ownership: Object.freeze([...ent]) } : {};
    return {
      principal: { type: 'user', userEntityRef: sub as string },
      expiresAt: (exp as number) * 1_000,
      userToken: token,
      ...ownership,
      ...(typ === tokenTypes.limitedUser && { isLimited: true }),
    };
  }

  async #verifySigned(token: string, form: TokenForm, issuer: string, path: string, demands: Demands): Promise<Claims> {
    const keys = hasPlainHeader(form) ? this.#issuers.keysOf(issuer, path) : undefined;
    if (!keys) throw illegalToken();
    const { verify } = await import('./jose-tokens.js');
    const claims = await verify(token, (kid, alg) => keys.find(kid, alg), demands);
    if (!claims) throw illegalToken();
    return claims;
  }

  async #verifyExternal(token: string, form: TokenForm | undefined, pluginId: string): Promise<Verified> {
    const known = await this.#external.verify(token, form);
    if (!known) throw illegalToken();
    const { subject, restrictions, expiresAt } = known;
    if (restrictions && !restrictions.some(({ plugin }) => plugin === pluginId)) throw restrictedToken();
    return {
      principal: { type: 'service', subject, ...(restrictions && { accessRestrictions: restrictions }) },
      ...(expiresAt !== undefined && { expiresAt }),
    };
  }
}
