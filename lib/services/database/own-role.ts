import { createHash, createHmac } from 'node:crypto';

/** The name of the role, or user, of one plugin: no other database or schema gives the same one. */
export function roleName(database: string, longest: number): string {
  const name = `plugin:${database}`;
  if (name.length <= longest && /^[\w.:-]+$/.test(name)) return name;
  const hash = createHash('sha256').update(database).digest('hex').slice(0, 16);
  return `${name.replaceAll(/[^\w.:-]/g, '_').slice(0, longest - hash.length - 1)}:${hash}`;
}

/** What the role logs in with: the same in all instances of a backend, and of no use to other roles. */
export function rolePassword(secret: string, role: string): string {
  return createHmac('sha256', secret).update(`backplane ${role}`).digest('base64url');
}
