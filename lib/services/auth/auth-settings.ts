import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../../api/config-service.js';
import { invalidSetting, pathOfSetting } from '../../api/invalid-setting.js';
import type { Problem } from '../../errors/problem.js';
import { type ExternalAccess, readExternalAccess } from './external-access-settings.js';

/** What `backend.auth` says. */
export interface AuthSettings {
  /** A route that does not say who may call it lets everybody pass. */
  readonly defaultPolicyDisabled: boolean;
  /** Absent: each plugin makes keys of its own. */
  readonly staticKeys: readonly StaticKey[] | undefined;
  readonly externalAccess: readonly ExternalAccess[];
  /** Where the world reaches the backend. */
  readonly baseUrl: URL | undefined;
}

export interface StaticKey {
  readonly publicKeyFile: string;
  readonly privateKeyFile: string | undefined;
  readonly keyId: string;
  readonly algorithm: string;
}

const policy = 'backend.auth.dangerouslyDisableDefaultAuthPolicy';
const store = 'backend.auth.pluginKeyStore';

/**
 * Reads the settings, or throws a `ConfigError` that names the first that is wrong. Files are named relative to `root`,
 * the folder of the backend's package.
 */
export function readAuthSettings(config: Config, root: string): AuthSettings {
  return {
    defaultPolicyDisabled: config.getOptionalBoolean(policy) ?? false,
    staticKeys: readKeyStore(config, root),
    externalAccess: readExternalAccess(config),
    baseUrl: readBaseUrl(config),
  };
}

/** Whether the public keys of plugins are in their databases. */
export function hasKeysInDatabase(config: Config): boolean {
  return config.getOptional(`${store}.type`) === 'database';
}

/** What an operator should know about settings that are not wrong. */
export function authWarnings(config: Config): Problem[] {
  if (!config.getOptionalBoolean(policy)) return [];
  return [
    {
      code: 'AUTH_POLICY_DISABLED',
      message: 'Routes that do not say who may call them are open to everybody',
      path: [pathOfSetting(config, policy)],
      fix: `remove '${policy}' wherever others can reach the backend.`,
    },
  ];
}

function readKeyStore(config: Config, root: string): readonly StaticKey[] | undefined {
  const type = config.getOptionalString(`${store}.type`) ?? 'memory';
  if (type === 'memory' || type === 'database') return undefined;
  if (type !== 'static') {
    const fix = "write 'memory', 'database' or 'static'";
    throw invalidSetting(config, `${store}.type`, `is '${type}', of which there is none`, fix);
  }
  const path = `${store}.static.keys`;
  const keys = config.getConfigArray(path).map((_, index) => readKey(config, `${path}[${index}]`, root));
  if (!keys[0]) throw invalidSetting(config, path, 'is empty', 'add a key');
  if (!keys[0].privateKeyFile) {
    const fix = "add 'privateKeyFile' to the first key, which is the one that is signed with";
    throw invalidSetting(config, `${path}[0].privateKeyFile`, 'is missing', fix);
  }
  const ids = keys.map(({ keyId }) => keyId);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twice !== -1) {
    throw invalidSetting(config, `${path}[${twice}].keyId`, 'is that of another key as well', 'choose another one');
  }
  return keys;
}

function readKey(config: Config, path: string, root: string): StaticKey {
  const algorithm = config.getOptionalString(`${path}.algorithm`) ?? 'ES256';
  if (!/^(?:ES256|ES384|RS256|PS256|EdDSA)$/.test(algorithm)) {
    const fix = "write 'ES256', or 'ES384', 'RS256', 'PS256', 'EdDSA'";
    throw invalidSetting(config, `${path}.algorithm`, 'is none to sign with', fix);
  }
  const hasPrivate = config.has(`${path}.privateKeyFile`);
  return {
    keyId: config.getString(`${path}.keyId`),
    algorithm,
    publicKeyFile: fileIn(root, config, `${path}.publicKeyFile`, createPublicKey),
    privateKeyFile: hasPrivate ? fileIn(root, config, `${path}.privateKeyFile`, createPrivateKey) : undefined,
  };
}

/** The absolute path of a PEM file that is there and holds what `parse` reads. */
function fileIn(root: string, config: Config, path: string, parse: (pem: Buffer) => unknown): string {
  const file = resolve(root, config.getString(path));
  try {
    parse(readFileSync(file));
    return file;
  } catch {
    throw invalidSetting(
      config,
      path,
      'names no file with such a key',
      'write the path of a PEM file, relative to the package of the backend',
    );
  }
}

function readBaseUrl(config: Config): URL | undefined {
  const text = config.getOptionalString('backend.baseUrl');
  return text === undefined ? undefined : (URL.parse(text) ?? undefined);
}
