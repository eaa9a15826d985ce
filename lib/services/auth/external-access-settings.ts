import { createHash } from 'node:crypto';
import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { AccessRestriction } from '../../api/credentials.js';
import { readAccessRestrictions, refuseOtherKeys } from './access-restrictions.js';

/** Who may come with which tokens from outside of the backend. */
export type ExternalAccess = { readonly restrictions: readonly AccessRestriction[] | undefined } & (
  | { readonly type: 'static'; readonly hash: Buffer; readonly subject: string }
  | { readonly type: 'legacy'; readonly secret: Uint8Array; readonly subject: string }
  | ExternalJwks
  | { readonly type: 'custom'; readonly name: string; readonly options: Config; readonly path: string }
);

export interface ExternalJwks {
  readonly type: 'jwks';
  readonly url: URL;
  readonly algorithms: readonly string[];
  readonly issuers: readonly string[] | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly subjectPrefix: string | undefined;
}

const key = 'backend.auth.externalAccess';
const shortest = 32;
const asymmetric = 'ES256 ES384 ES512 RS256 RS384 RS512 PS256 PS384 PS512 EdDSA'.split(' ');

/** Reads `backend.auth.externalAccess`; throws a `ConfigError` that names the first entry that is wrong. */
export function readExternalAccess(config: Config): readonly ExternalAccess[] {
  return (config.getOptionalConfigArray(key) ?? []).map((_, index) => readEntry(config, `${key}[${index}]`));
}

function readEntry(config: Config, path: string): ExternalAccess {
  refuseOtherKeys(config, path, ['type', 'options', 'accessRestrictions']);
  const type = config.getString(`${path}.type`);
  const restrictions = readAccessRestrictions(config, path);
  const options = `${path}.options`;
  switch (type) {
    case 'static': {
      refuseOtherKeys(config, options, ['token', 'subject']);
      const token = readSecret(config, `${options}.token`);
      return { type, hash: hashOf(token), subject: readSubject(config, `${options}.subject`), restrictions };
    }
    case 'legacy': {
      refuseOtherKeys(config, options, ['secret', 'subject']);
      const secret = Buffer.from(readSecret(config, `${options}.secret`), 'base64');
      if (secret.length > 0 && secret.length < 32) {
        const fix = 'write at least 32 random bytes in base64, as `openssl rand -base64 32` gives';
        throw invalidSetting(config, `${options}.secret`, 'is too short for HS256', fix);
      }
      return { type, secret, subject: readSubject(config, `${options}.subject`), restrictions };
    }
    case 'jwks':
      return { ...readJwks(config, options), restrictions };
    default:
      return { type: 'custom', name: type, options: config.getConfig(options), path, restrictions };
  }
}

function readJwks(config: Config, path: string): ExternalJwks {
  refuseOtherKeys(config, path, ['url', 'algorithm', 'issuer', 'audience', 'subjectPrefix']);
  const url = URL.parse(config.getString(`${path}.url`));
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw invalidSetting(config, `${path}.url`, 'is no HTTP address', 'write one, as https://example.com/jwks.json');
  }
  const algorithms = readList(config, `${path}.algorithm`) ?? ['ES256', 'RS256', 'PS256', 'EdDSA'];
  if (!algorithms.every(algorithm => asymmetric.includes(algorithm))) {
    throw invalidSetting(
      config,
      `${path}.algorithm`,
      'is none to verify with',
      `write one of ${asymmetric.join(', ')}`,
    );
  }
  return {
    type: 'jwks',
    url,
    algorithms,
    issuers: readList(config, `${path}.issuer`),
    audiences: readList(config, `${path}.audience`),
    subjectPrefix: config.getOptionalString(`${path}.subjectPrefix`),
  };
}

function readList(config: Config, path: string): readonly string[] | undefined {
  const value = config.getOptional(path);
  return Array.isArray(value)
    ? config.getStringArray(path)
    : value === undefined
      ? undefined
      : [config.getString(path)];
}

/** Refuses what somebody could guess, and what stands in examples. */
function readSecret(config: Config, path: string): string {
  const secret = config.getString(path);
  if (secret === '') return secret; // It was reported already.
  const fix = `write at least ${shortest} random characters, as \`openssl rand -base64 32\` gives`;
  if (/change.?me|example|password|placeholder|your.?(?:secret|token)/i.test(secret)) {
    throw invalidSetting(config, path, 'is a word that everybody knows', fix);
  }
  if (/\s/.test(secret)) throw invalidSetting(config, path, 'has white space in it', fix);
  if (secret.length < shortest) throw invalidSetting(config, path, `has fewer than ${shortest} characters`, fix);
  if (new Set(secret).size < 8) throw invalidSetting(config, path, 'repeats a few characters', fix);
  return secret;
}

function readSubject(config: Config, path: string): string {
  const subject = config.getString(path);
  if (/^[\w.:@/-]{0,200}$/.test(subject)) return subject;
  const fix = 'write letters, digits and . : @ / _ - only, without blanks';
  throw invalidSetting(config, path, 'is no name of a program', fix);
}

export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
