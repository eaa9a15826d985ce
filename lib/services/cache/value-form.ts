import type { JsonValue } from '../../api/config-service.js';
import type { OutputOf, Schema } from '../../contract/schema.js';
import { unfittingValue } from './cache-errors.js';
import { jsonText, jsonValue } from './json-text.js';

/** What values of a cache are, and how they are text. */
export interface ValueForm<V> {
  /** Throws `INVALID_CACHE_VALUE`. */
  encode(value: V, pluginId: string): Promise<string>;
  /** `undefined` for a value of another form; throws where the text is no JSON. */
  decode(text: string): Promise<{ readonly value: V } | undefined>;
}

export const anyValue: ValueForm<JsonValue> = {
  encode: async (value, pluginId) => jsonText(value, pluginId),
  decode: async text => ({ value: jsonValue(text) as JsonValue }),
};

export function formOf<S extends Schema>(schema: S): ValueForm<OutputOf<S>> {
  const standard = '~standard' in schema ? schema['~standard'] : schema.schema['~standard'];
  return {
    encode: async (value, pluginId) => {
      const text = jsonText(value, pluginId);
      const { issues } = await standard.validate(jsonValue(text));
      if (issues) throw unfittingValue(pluginId, issues);
      return text;
    },
    decode: async text => {
      const result = await standard.validate(jsonValue(text));
      return result.issues ? undefined : { value: result.value as OutputOf<S> };
    },
  };
}
