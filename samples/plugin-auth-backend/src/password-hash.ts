import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const form = /^scrypt:([\w-]{22}):([\w-]{43})$/;

/** What configuration holds of a password: `scrypt:<salt>:<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, 32);
  return `scrypt:${salt.toString('base64url')}:${hash.toString('base64url')}`;
}

export function isPasswordHash(text: string): boolean {
  return form.test(text);
}

/** Takes as long where there is no hash, so that nobody learns which users there are. */
export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const [, salt = '', hash = ''] = form.exec(passwordHash ?? '') ?? [];
  const expected = Buffer.from(hash, 'base64url');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), 32);
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}
