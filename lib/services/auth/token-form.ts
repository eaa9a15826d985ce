import { isObject } from '../../util/is-object.js';

/** The kinds of tokens that the framework issues, as `typ` says them. */
export const tokenTypes = {
  plugin: 'vnd.backplane.plugin',
  user: 'vnd.backplane.user',
  limitedUser: 'vnd.backplane.limited-user',
} as const;

/** How far clocks may be apart, in s. */
export const leeway = 30;

/** How long service and user tokens are good, in s. */
export const tokenLife = 3_600;

/** What a token says before anybody has verified it. */
export interface TokenForm {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Node takes headers of at most 16 KiB in all. */
const longest = 16_384;

/** The parts of a signed JWT; `undefined` for anything else, an encrypted one among them. */
export function formOf(token: string): TokenForm | undefined {
  if (token.length > longest) return undefined;
  const parts = /^([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(token);
  const header = parts && objectIn(parts[1]!);
  const claims = parts && objectIn(parts[2]!);
  return header && claims ? { header, claims } : undefined;
}

/** Whether the header says only what a token of ours needs: nothing names a key, an extension or an encoding. */
export function hasPlainHeader({ header }: TokenForm): boolean {
  return Object.keys(header).every(name => name === 'alg' || name === 'kid' || name === 'typ');
}

/** Whether it is `<kind>:<namespace>/<name>`. */
export function isEntityRef(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 500 && /^[\w.-]+:[\w.-]+\/[\w.@+-]+$/.test(value);
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
