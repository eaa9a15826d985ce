import type { ConfigNode } from './config-node.js';
import type { ConfigSource } from './config-view.js';
import { isSecretName, isSecretSection } from './secret-names.js';
import { secretValues } from './secret-values.js';

/** Whatever is longer was meant for another key. */
const longest = 40;

/** The value at `key` as an error may show it; `undefined` where it is, or could be, a secret. */
export function shownValue(
  key: string,
  node: ConfigNode,
  { tree, schemas }: Pick<ConfigSource, 'tree' | 'schemas'>,
): string | undefined {
  if (node.kind !== 'scalar' || node.value === null || node.value === '' || node.fragments) return undefined;
  const text = String(node.value);
  if (text.length > longest || /[@\n]/.test(text)) return undefined;
  if (key.split('.').some(name => isSecretName(name) || isSecretSection(name))) return undefined;
  if ([...secretValues(tree, schemas)].some(secret => text.includes(secret))) return undefined;
  return typeof node.value === 'string' ? `'${text}'` : text;
}
