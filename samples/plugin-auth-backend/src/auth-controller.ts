import { authApi, type Session, type UserInfo } from '@inventory/plugin-auth-common';
import { Controller, errorOf, Get, UserInfoService, UserTokenIssuer, type Call, type UserPrincipal } from 'backplane';
import type { RequestOf } from 'backplane/contract';
import { AuthConfig } from './auth-config.js';
import { isPassword } from './password-hash.js';

@Controller(authApi)
export class AuthController {
  constructor(
    private readonly config: AuthConfig,
    private readonly tokens: UserTokenIssuer,
    private readonly userInfo: UserInfoService,
  ) {}

  async signInAsGuest(): Promise<Session> {
    if (!this.config.guests) throw errorOf(authApi.signInAsGuest, 'guests_refused');
    return this.session('guest', []);
  }

  async signIn({ body: { name, password } }: RequestOf<typeof authApi.signIn>): Promise<Session> {
    const user = this.config.users.find(known => known.name === name);
    const isRight = await isPassword(password, user?.passwordHash);
    if (!user || !isRight) throw errorOf(authApi.signIn, 'wrong_credentials');
    return this.session(user.name, user.groups);
  }

  getUserInfo(_request: unknown, call: Call<UserPrincipal>): Promise<UserInfo> {
    return this.userInfo.getUserInfo(call.credentials) as Promise<UserInfo>;
  }

  /** With these the other plugins verify what is issued here. */
  @Get('/.well-known/jwks.json', { allow: 'unauthenticated' })
  listPublicKeys(): Promise<unknown> {
    return this.tokens.listPublicKeys();
  }

  private async session(name: string, groups: readonly string[]): Promise<Session> {
    const userEntityRef = `user:default/${name}`;
    const { token, expiresAt } = await this.tokens.issueUserToken({
      userEntityRef,
      ownershipEntityRefs: [userEntityRef, ...groups],
    });
    return { token, expiresAt: expiresAt.toISOString(), userEntityRef };
  }
}
