import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import type { PublicKey } from '../../api/plugin-key-store.js';
import { type UserIdentity, UserTokenIssuer } from '../../api/user-token-issuer.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { BadRequestError } from '../../errors/http-error.js';
import { limitedClaims } from './limited-token.js';
import { authPluginId, RootAuth } from './root-auth.js';
import type { SigningKeys } from './signing-keys.js';
import { isEntityRef, tokenLife, tokenTypes } from './token-form.js';

/** Signs the tokens of users, with keys apart from those of the plugin itself. */
@Service({ implements: UserTokenIssuer })
export class AuthPluginIssuer extends UserTokenIssuer {
  static {
    Object.freeze(this.prototype);
  }

  readonly #keys: SigningKeys;

  constructor(@Inject(PluginMetadataService) plugin: PluginMetadataService, @Inject(RootAuth) root: RootAuth) {
    super();
    if (plugin.getId() !== authPluginId) throw foreignIssuer(plugin.getId());
    this.#keys = root.keysFor(undefined);
  }

  override async issueUserToken(identity: UserIdentity): Promise<{ readonly token: string; readonly expiresAt: Date }> {
    const { userEntityRef, ownershipEntityRefs = [userEntityRef] } = identity;
    if (![userEntityRef, ...ownershipEntityRefs].every(isEntityRef)) {
      throw new BadRequestError('A user is named as <kind>:<namespace>/<name>');
    }
    const signer = await this.#keys.signer();
    const iat = Math.floor(Date.now() / 1_000);
    const claims = { sub: userEntityRef, iat, exp: iat + tokenLife };
    const uip = await signer.signatureOf(tokenTypes.limitedUser, limitedClaims(claims));
    const token = await signer.sign(tokenTypes.user, { ...claims, ent: [...ownershipEntityRefs], uip });
    return { token, expiresAt: new Date(claims.exp * 1_000) };
  }

  override async listPublicKeys(): Promise<{ readonly keys: readonly PublicKey[] }> {
    return { keys: await this.#keys.publicKeys() };
  }
}

function foreignIssuer(pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'FOREIGN_ISSUER',
    message: `Plugin '${pluginId}' cannot issue the tokens of users`,
    path: [`in plugin '${pluginId}'`],
    fix: `have plugin '${authPluginId}' do so; it alone is asked for the keys.`,
  });
}
