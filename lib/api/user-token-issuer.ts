import { Service } from '../../decorators/service.js';
import type { PublicKey } from './plugin-key-store.js';

/** Who a user is, as the plugin says that has signed them in. */
export interface UserIdentity {
  /** `<kind>:<namespace>/<name>`, as `user:default/ada`. */
  readonly userEntityRef: string;
  /** What the user owns things as: themselves and their groups. Default: themselves alone. */
  readonly ownershipEntityRefs?: readonly string[];
}

/**
 * Issues the tokens of users. Only the plugin `auth` can inject it with effect: `FOREIGN_ISSUER` for every other one.
 *
 * All plugins verify them with the keys at `/api/auth/.well-known/jwks.json`, which that plugin answers with
 * `listPublicKeys()`.
 */
@Service({ id: 'core.user-token-issuer', scope: 'plugin' })
export abstract class UserTokenIssuer {
  /** A token that is good for an hour. Throws `BadRequestError` for what is no reference to an entity. */
  abstract issueUserToken(identity: UserIdentity): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  abstract listPublicKeys(): Promise<{ readonly keys: readonly PublicKey[] }>;
}
