import { authApi, type Session, type UserInfo } from '@inventory/plugin-auth-common';
import { Controller, errorOf, Get, UserTokenIssuer, type Call, type UserPrincipal } from 'backplane';
import type { RequestOf } from 'backplane/contract';
import { AuthConfig, guestName } from './auth-config.js';
import { isPassword } from './password-hash.js';

@Controller(authApi)
export class AuthController {
  constructor(
    private readonly config: AuthConfig,
    private readonly tokens: UserTokenIssuer,
  ) {}

  async signInAsGuest(): Promise<Session> {
    if (!this.config.guests) throw errorOf(authApi.signInAsGuest, 'guests_refused');
    return this.session(guestName);
  }

  async signIn({ body: { name, password } }: RequestOf<typeof authApi.signIn>): Promise<Session> {
    const user = this.config.users.find(known => known.name === name);
    const isRight = await isPassword(password, user?.passwordHash);
    if (!isRight) throw errorOf(authApi.signIn, 'wrong_credentials');
    return this.session(name);
  }

  /** Also asked by other plugins, on behalf of the users who call them. */
  getUserInfo(_request: unknown, call: Call<UserPrincipal>): UserInfo {
    const { userEntityRef } = call.credentials.principal;
    return { claims: { sub: userEntityRef, ent: this.ownershipOf(userEntityRef) } };
  }

  /** With these the other plugins verify what is issued here. */
  @Get('/.well-known/jwks.json', { allow: 'unauthenticated' })
  listPublicKeys(): Promise<unknown> {
    return this.tokens.listPublicKeys();
  }

  private async session(name: string): Promise<Session> {
    const userEntityRef = refOf(name);
    const ownershipEntityRefs = this.ownershipOf(userEntityRef);
    const { token, expiresAt } = await this.tokens.issueUserToken({ userEntityRef, ownershipEntityRefs });
    return { token, expiresAt: expiresAt.toISOString(), userEntityRef };
  }

  private ownershipOf(userEntityRef: string): string[] {
    const user = this.config.users.find(({ name }) => refOf(name) === userEntityRef);
    return [userEntityRef, ...(user?.groups ?? [])];
  }
}

function refOf(name: string): string {
  return `user:default/${name}`;
}
