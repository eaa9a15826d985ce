import type { Credentials } from '../../api/credentials.js';
import { UnauthenticatedError } from '../../errors/http-error.js';
import { Recent } from './recent.js';
import type { SigningKeys } from './signing-keys.js';
import { tokenLife, tokenTypes } from './token-form.js';

interface Issued {
  readonly token: Promise<string>;
  /** From when to when it is used, in ms since 1970: before that the clock was wrong, and nobody believes the token. */
  readonly issuedAt: number;
  readonly renewAt: number;
}

/** On whose behalf a plugin calls, besides as itself. */
export interface OnBehalf {
  readonly limitedToken: string;
  /** In ms since 1970. */
  readonly expiresAt: number;
}

/** The service tokens that one plugin has made: for each caller and target one, until shortly before it ends. */
export class IssuedTokens {
  readonly #pluginId: string;
  readonly #keys: SigningKeys;
  #issued = new WeakMap<Credentials, Recent<Issued>>();
  #withdrawals = 0;

  constructor(pluginId: string, keys: SigningKeys) {
    this.#pluginId = pluginId;
    this.#keys = keys;
  }

  /** A token for `target`; `credentials` are the user's, or the plugin's own. */
  tokenFor(credentials: Credentials, target: string, onBehalf?: OnBehalf): Promise<string> {
    const now = Date.now();
    if (this.#withdrawals !== this.#keys.withdrawals) {
      this.#withdrawals = this.#keys.withdrawals;
      this.#issued = new WeakMap();
    }
    let byTarget = this.#issued.get(credentials);
    if (!byTarget) this.#issued.set(credentials, (byTarget = new Recent(500)));
    const known = byTarget.get(target);
    if (known && now >= known.issuedAt && now < known.renewAt) return known.token;
    const iat = Math.floor(now / 1_000);
    const exp = Math.min(iat + tokenLife, Math.floor((onBehalf?.expiresAt ?? Infinity) / 1_000));
    if (exp <= iat) throw new UnauthenticatedError('The credentials have expired', { code: 'illegal_token' });
    const token = this.#sign({
      sub: this.#pluginId,
      aud: target,
      iat,
      exp,
      ...(onBehalf && { obo: onBehalf.limitedToken }),
    });
    byTarget.set(target, { token, issuedAt: now, renewAt: now + (exp * 1_000 - now) * 0.8 });
    const tokens = byTarget;
    // A failure is not kept; whoever waits for the token is told.
    token.catch(() => tokens.delete(target));
    return token;
  }

  async #sign(claims: Record<string, unknown>): Promise<string> {
    const signer = await this.#keys.signer();
    return signer.sign(tokenTypes.plugin, claims);
  }
}
