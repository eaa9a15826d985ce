import type { Viewer } from '../../api/plugin-view.js';
import { configObject, type ConfigNode, type ConfigObject } from './config-node.js';
import { findNode, parsePath } from './config-path.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import type { ConfigStore } from './config-store.js';
import type { ConfigSource } from './config-view.js';
import { mergeConfig } from './merge-config.js';

/** What everybody may know. */
const publicKeys = ['app', 'organization', 'backend.baseUrl'];

/** The part of the configuration that one plugin may see: its own key, those it declares, and the public ones. */
export class PluginConfigSource implements ConfigSource {
  readonly #store: ConfigStore;
  readonly #pluginId: string;
  readonly #visible: readonly string[];
  readonly #warned = new Set<string>();
  readonly #subscriptions = new Set<() => void>();
  #selection: { readonly from: ConfigObject; readonly tree: ConfigObject } | undefined;

  constructor(store: ConfigStore, { pluginId, configKeys }: Viewer) {
    this.#store = store;
    this.#pluginId = pluginId;
    // The framework's own key stays closed to a plugin that happens to be called like it.
    const own = pluginId === 'backend' ? [] : [pluginId];
    this.#visible = [...publicKeys, ...own, ...configKeys].filter(key => key !== '');
  }

  get tree(): ConfigObject {
    const from = this.#store.tree;
    if (this.#selection?.from !== from) this.#selection = { from, tree: select(from, this.#visible) };
    return this.#selection.tree;
  }

  get schemas(): readonly ConfigSchemaSource[] {
    return this.#store.schemas;
  }

  subscribe(listener: () => unknown, options?: { readonly first?: boolean }): () => void {
    const unsubscribe = this.#store.subscribe(listener, options);
    const end = () => {
      unsubscribe();
      this.#subscriptions.delete(end);
    };
    this.#subscriptions.add(end);
    return end;
  }

  endSubscriptions(): void {
    for (const end of this.#subscriptions) end();
  }

  explainAbsence(path: string): string | undefined {
    if (this.#visible.some(key => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`))) {
      return undefined;
    }
    const fix = `name the key in the plugin's decorator, config: ['${path}'], or keep the setting below '${this.#pluginId}'.`;
    if (findNode(this.#store.tree, path).node && !this.#warned.has(path)) {
      this.#warned.add(path);
      const message = `Plugin '${this.#pluginId}' reads configuration key '${path}', which is hidden from it`;
      this.#store.warn({ code: 'HIDDEN_CONFIG', message, path: [`in plugin '${this.#pluginId}'`], fix });
    }
    return fix;
  }
}

function select(tree: ConfigObject, keys: readonly string[]): ConfigObject {
  const nothing = configObject([], tree.place);
  return keys.reduce((selected, key) => mergeConfig(selected, pick(tree, parsePath(key)) ?? nothing), nothing);
}

/** The tree with nothing in it but what is at the path. */
function pick(tree: ConfigObject, [name, ...rest]: readonly (string | number)[]): ConfigObject | undefined {
  if (typeof name !== 'string') return undefined;
  const child = tree.entries.get(name);
  if (!child) return undefined;
  const picked: ConfigNode | undefined =
    rest.length === 0 ? child : child.kind === 'object' ? pick(child, rest) : undefined;
  return picked && configObject([[name, picked]], tree.place);
}
