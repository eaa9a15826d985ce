import { configOf } from 'backplane';
import { z } from 'zod';
import { isPasswordHash } from './password-hash.js';

/** Nobody who has a password. */
export const guestName = 'guest';

const User = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower case letters, digits and -')
    .refine(name => name !== guestName, 'is what all guests are called'),
  passwordHash: z.string().refine(isPasswordHash, 'must be what the script hash-password prints'),
  /** As `group:default/platform`. */
  groups: z.array(z.string().regex(/^group:[a-z0-9-]+\/[a-z0-9-]+$/)).default([]),
});
export type User = z.output<typeof User>;

/** The section `auth`: who may sign in. */
export class AuthConfig extends configOf(
  'auth',
  z.object({ guests: z.boolean().default(false), users: z.array(User).default([]) }),
) {}
