import type { Credentials, NonePrincipal, Principal } from '../../api/credentials.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import type { Verified } from './token-verifier.js';

/** Credentials as plugins see them. Nothing leads from them to a token, and nothing about them can be changed. */
class BoundCredentials implements Credentials {
  static {
    Object.freeze(this.prototype);
  }

  readonly principal: Principal;
  readonly #expiresAt: number | undefined;

  constructor(principal: Principal, expiresAt?: number) {
    this.principal = frozen(principal);
    this.#expiresAt = expiresAt;
    Object.freeze(this);
  }

  get expiresAt(): Date | undefined {
    return this.#expiresAt === undefined ? undefined : new Date(this.#expiresAt);
  }

  toJSON(): unknown {
    return { principal: this.principal, expiresAt: this.expiresAt };
  }

  toString(): string {
    const { principal } = this;
    const name =
      principal.type === 'user' ? principal.userEntityRef : principal.type === 'service' ? principal.subject : '';
    return `credentials of ${name || 'nobody'}`;
  }
}

/** Somebody who has said nothing; worth the same everywhere. */
export const nobody = new BoundCredentials({ type: 'none' }) as Credentials<NonePrincipal>;

/** What is behind the credentials of all plugins of one backend. They are worth something only to the plugin they were made for. */
export class CredentialsRegistry {
  readonly #made = new WeakMap<object, { readonly pluginId: string; readonly verified: Verified }>();

  add(pluginId: string, verified: Verified): Credentials {
    const credentials = new BoundCredentials(verified.principal, verified.expiresAt);
    this.#made.set(credentials, { pluginId, verified });
    return credentials;
  }

  /** `undefined` for those that {@link of} refuses. */
  peek(pluginId: string, credentials: Credentials): Verified | undefined {
    const made = this.#made.get(credentials);
    return made?.pluginId === pluginId ? made.verified : undefined;
  }

  /** Throws `FOREIGN_CREDENTIALS` for those of another plugin, and for what only looks like credentials. */
  of(pluginId: string, credentials: Credentials): Verified {
    const verified = this.peek(pluginId, credentials);
    if (verified) return verified;
    throw new BackplaneError({
      code: 'FOREIGN_CREDENTIALS',
      message: `Plugin '${pluginId}' was given credentials that were not made for it`,
      path: [`in plugin '${pluginId}'`],
      fix: 'use the credentials of the call that is being answered, or getOwnServiceCredentials(), and hand none on.',
    });
  }
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner as object);
  return Object.freeze(value);
}
