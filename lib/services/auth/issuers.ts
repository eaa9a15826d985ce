import { KeySet } from './key-set.js';
import type { PluginDocuments } from './plugin-documents.js';
import { keysUnavailable } from './refusals.js';

export const pluginKeysPath = '/.backplane/auth/v1/jwks.json';
export const userKeysPath = '/.well-known/jwks.json';

/** How many plugins that have never shown keys may be asked within `period`, in ms. */
const mostStrangers = 100;
const period = 30_000;

/**
 * The keys of every plugin that this backend has had a token of.
 *
 * What a token says about its issuer is not verified yet, so it must cost neither memory nor requests to name issuers at
 * random: of plugins that nobody runs there is nothing to ask, and where discovery knows every name few are asked.
 */
export class Issuers {
  readonly #documents: PluginDocuments;
  readonly #sets = new Map<string, KeySet>();
  #forgotAt = -Infinity;

  constructor(documents: PluginDocuments) {
    this.#documents = documents;
  }

  /**
   * The keys that a plugin publishes at `path`; `undefined` for a plugin that nobody is known to run. Throws 503 where
   * too many have turned out not to exist.
   */
  keysOf(pluginId: string, path: string): KeySet | undefined {
    const key = pluginId + path;
    const known = this.#sets.get(key);
    if (known) return known;
    if (!this.#documents.knows(pluginId)) return undefined;
    this.#refuseMoreStrangers();
    const set = new KeySet(`plugin '${pluginId}'`, () => this.#documents.get(pluginId, path));
    this.#sets.set(key, set);
    return set;
  }

  /** Strangers are forgotten now and then, so that they neither pile up nor count for ever. */
  #refuseMoreStrangers(): void {
    const strangers = [...this.#sets].filter(([, set]) => !set.known);
    if (strangers.length < mostStrangers) return;
    const now = performance.now();
    if (now - this.#forgotAt < period) throw keysUnavailable(new Error('Too many unknown plugins have sent tokens'));
    this.#forgotAt = now;
    for (const [key] of strangers) this.#sets.delete(key);
  }
}
