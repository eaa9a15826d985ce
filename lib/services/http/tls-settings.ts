import { createSecureContext } from 'node:tls';
import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';

/** A certificate with its chain and its private key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** `self-signed`: for the host name, in development. */
export type TlsSettings = Certificate | { readonly selfSignedFor: string };

const key = 'backend.https';

/** What `backend.https` says; `undefined`: no TLS. A certificate that cannot be used is a `ConfigError`. */
export function readTlsSettings(config: Config): TlsSettings | undefined {
  const value = config.getOptional(key);
  if (value === undefined) return undefined;
  if (typeof value !== 'object') return config.getBoolean(key) ? { selfSignedFor: hostOf(config) } : undefined;
  const certificate = {
    cert: config.getString(`${key}.certificate.cert`),
    key: config.getString(`${key}.certificate.key`),
  };
  check(config, 'cert', 'is no certificate', () => createSecureContext({ cert: certificate.cert }));
  check(config, 'key', 'is no private key', () => createSecureContext({ key: certificate.key }));
  check(config, 'key', 'is not the key of the certificate', () => createSecureContext(certificate));
  return certificate;
}

/** The reason is OpenSSL's and has nothing of the key in it. */
function check(config: Config, name: string, what: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    const fix = `give it as PEM, '-----BEGIN …', or name its file: { $file: ./tls.pem }`;
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw invalidSetting(config, `${key}.certificate.${name}`, `${what}${reason}`, fix);
  }
}

function hostOf(config: Config): string {
  try {
    return new URL(config.getOptionalString('backend.baseUrl') ?? '').hostname.replace(/^\[|\]$/g, '');
  } catch {
    return 'localhost';
  }
}
