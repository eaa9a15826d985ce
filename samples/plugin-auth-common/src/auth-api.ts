import { defineApi, get, post } from 'backplane/contract';
import { z } from 'zod';

const Session = z.object({
  /** Sent as `Authorization: Bearer <token>`. */
  token: z.string(),
  /** When it ends, as an ISO date. */
  expiresAt: z.iso.datetime(),
  /** As `user:default/ada`. */
  userEntityRef: z.string(),
});
export type Session = z.output<typeof Session>;

/** The form in which the framework's UserInfoService reads it. */
const UserInfo = z.object({
  claims: z.object({
    /** As `user:default/ada`. */
    sub: z.string(),
    /** What the user owns things as: itself, and the groups it belongs to. */
    ent: z.array(z.string()),
  }),
});
export type UserInfo = z.output<typeof UserInfo>;

/** Tells who somebody is. */
export const authApi = defineApi({
  pluginId: 'auth',
  operations: {
    signInAsGuest: post('/guest', {
      summary: 'A token for somebody without a name, where configuration lets guests in',
      allow: 'unauthenticated',
      response: Session,
      errors: { guests_refused: { status: 403, description: 'Only users with a name are let in' } },
    }),
    signIn: post('/sign-in', {
      summary: 'A token for a user that configuration names',
      allow: 'unauthenticated',
      body: z.object({ name: z.string().min(1).max(100), password: z.string().min(1).max(1_000) }),
      response: Session,
      errors: { wrong_credentials: { status: 401, description: 'The name or the password is wrong' } },
    }),
    getUserInfo: get('/v1/userinfo', {
      summary: 'What is known of the user who asks',
      allow: ['user'],
      response: UserInfo,
    }),
  },
});
