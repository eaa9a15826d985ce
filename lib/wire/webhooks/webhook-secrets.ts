import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';

/** Shorter ones can be found by trying, by whoever has seen one signature. */
const shortest = 16;

/** Each costs a signature of the whole body. */
const most = 8;

const fix = `write at least ${shortest} random characters, as \`openssl rand -hex 32\` gives, or a list of such`;

/** The secrets at `key`, one or a list. Throws a `ConfigError` where there is none, or one that proves nothing. */
export function readSecrets(config: Config, key: string): readonly string[] {
  const value = config.getOptional(key);
  if (value === undefined || value === null) throw invalidSetting(config, key, 'is not set', fix);
  const secrets = Array.isArray(value) ? value : [value];
  if (secrets.length === 0) throw invalidSetting(config, key, 'has no secret in it', fix);
  if (secrets.length > most)
    throw invalidSetting(config, key, `has more than ${most} secrets`, 'take the old ones out');
  return secrets.map((secret, index) => {
    const path = Array.isArray(value) ? `${key}[${index}]` : key;
    if (typeof secret !== 'string') throw invalidSetting(config, path, 'is no text', fix);
    if (secret.trim() === '') throw invalidSetting(config, path, 'is empty', fix);
    if (secret.trim() !== secret) {
      throw invalidSetting(config, path, 'begins or ends with white space', 'take the line end or the blanks away');
    }
    if (secret.length < shortest) throw invalidSetting(config, path, `has fewer than ${shortest} characters`, fix);
    return secret;
  });
}
