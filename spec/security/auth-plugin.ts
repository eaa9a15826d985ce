import { Get, Plugin, UserTokenIssuer, type PluginContext } from '../../lib/index.js';

/** Gives anybody the token of any user. */
@Plugin({ pluginId: 'auth' })
export class AuthPlugin {
  readonly asked: string[] = [];
  readonly #issuer: UserTokenIssuer;

  constructor(issuer: UserTokenIssuer) {
    this.#issuer = issuer;
  }

  @Get('/.well-known/jwks.json', { allow: 'unauthenticated' })
  keys(): unknown {
    return this.#issuer.listPublicKeys();
  }

  @Get('/token', { allow: 'unauthenticated' })
  token({ query }: PluginContext): unknown {
    const userEntityRef = `user:default/${String(query['user'] ?? 'ada')}`;
    return this.#issuer.issueUserToken({ userEntityRef, ownershipEntityRefs: [userEntityRef, 'group:default/math'] });
  }

  @Get('/v1/userinfo', { allow: ['user'] })
  userInfo({ credentials }: PluginContext): unknown {
    const { principal } = credentials;
    if (principal.type !== 'user') return undefined;
    this.asked.push(principal.userEntityRef);
    return { claims: { sub: principal.userEntityRef, ent: [principal.userEntityRef, 'group:default/asked'] } };
  }
}
