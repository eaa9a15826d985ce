import type { JsonValue } from '../../api/config-service.js';

/**
 * What a package says about the configuration it reads: a JSON Schema of the whole configuration, of which it describes
 * its own keys, and these keywords:
 *
 * - `visibility`: `'secret'` keeps the text at this key out of logs; `'backend'` (default) and `'frontend'`.
 * - `deepVisibility`: the same, for everything below the key.
 * - `deprecated`: a text, or `true`; using the key gives a warning.
 *
 * Defaults in it document what the reader of the key does; they are not filled in.
 */
export interface ConfigSchemaSource {
  readonly packageName: string;
  readonly schema: { readonly [keyword: string]: JsonValue };
}
