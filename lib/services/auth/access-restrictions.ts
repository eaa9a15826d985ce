import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { AccessRestriction } from '../../api/credentials.js';
import { isPlainId } from '../../contract/plain-id.js';

const actions = ['create', 'read', 'update', 'delete'];

/** Reads `accessRestrictions` of an entry: where its tokens may be used. Throws `ConfigError` for what it does not know. */
export function readAccessRestrictions(config: Config, entry: string): readonly AccessRestriction[] | undefined {
  const path = `${entry}.accessRestrictions`;
  const restrictions = config.getOptionalConfigArray(path)?.map((_, index) => readOne(config, `${path}[${index}]`));
  if (!restrictions) return undefined;
  if (restrictions.length === 0) {
    throw invalidSetting(config, path, 'is empty', 'name at least one plugin, or leave it out to allow all');
  }
  const plugins = restrictions.map(({ plugin }) => plugin);
  const twice = plugins.findIndex((plugin, index) => plugin !== '' && plugins.indexOf(plugin) !== index);
  if (twice !== -1) {
    const fix = 'write everything about one plugin in one entry';
    throw invalidSetting(config, `${path}[${twice}].plugin`, 'names a plugin for the second time', fix);
  }
  return Object.freeze(restrictions);
}

function readOne(config: Config, path: string): AccessRestriction {
  refuseOtherKeys(config, path, ['plugin', 'permission', 'permissionAttribute']);
  const plugin = config.getString(`${path}.plugin`);
  if (plugin !== '' && !isPlainId(plugin))
    throw invalidSetting(config, `${path}.plugin`, 'is no plugin id', 'write one in kebab-case');
  const permissions = readWords(config, `${path}.permission`);
  if (config.has(`${path}.permissionAttribute`)) refuseOtherKeys(config, `${path}.permissionAttribute`, ['action']);
  const allowed = readWords(config, `${path}.permissionAttribute.action`);
  if (allowed?.some(action => !actions.includes(action))) {
    const fix = `write one or more of ${actions.map(action => `'${action}'`).join(', ')}`;
    throw invalidSetting(config, `${path}.permissionAttribute.action`, 'is no action', fix);
  }
  return Object.freeze({ plugin, ...(permissions && { permissions }), ...(allowed && { actions: allowed }) });
}

/** A list, or one text with commas. */
function readWords(config: Config, path: string): readonly string[] | undefined {
  const value = config.getOptional(path);
  if (value === undefined) return undefined;
  const words = typeof value === 'string' ? value.split(',').map(word => word.trim()) : config.getStringArray(path);
  if (words.length === 0 || words.includes('')) {
    throw invalidSetting(config, path, 'is empty', 'write a name, or a list of names');
  }
  return Object.freeze(words);
}

/** What is misspelt would otherwise restrict nothing. */
export function refuseOtherKeys(config: Config, path: string, known: readonly string[]): void {
  // What is not there any more was reported already.
  const keys = config.getOptionalConfig(path)?.keys() ?? [];
  const other = keys.find(key => !known.includes(key) && config.has(`${path}.${key}`));
  if (other === undefined) return;
  const fix = `write one of ${known.map(key => `'${key}'`).join(', ')}`;
  throw invalidSetting(config, `${path}.${other}`, 'is not known', fix);
}
