import type { RootConfigService } from '../../api/config-service.js';
import { pluginView, type PluginViewable, type Viewer } from '../../api/plugin-view.js';
import type { ConfigStore } from './config-store.js';
import { ConfigView } from './config-view.js';
import { PluginConfigSource } from './plugin-config-source.js';

/** The whole configuration. Disposing it ends all watching; what was read last stays readable. */
export class RootConfig extends ConfigView implements PluginViewable<RootConfigService>, Disposable {
  readonly #store: ConfigStore;
  readonly #watcher: Disposable | undefined;

  constructor(store: ConfigStore, watcher?: Disposable) {
    super(store);
    this.#store = store;
    this.#watcher = watcher;
  }

  [pluginView](viewer: Viewer): RootConfigService {
    return new PluginConfig(new PluginConfigSource(this.#store, viewer));
  }

  [Symbol.dispose](): void {
    this.#watcher?.[Symbol.dispose]();
    this.#store.endSubscriptions();
  }
}

/** What one plugin sees of the configuration. Disposing it ends its subscriptions. */
class PluginConfig extends ConfigView implements Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #source: PluginConfigSource;

  constructor(source: PluginConfigSource) {
    super(source);
    this.#source = source;
    Object.freeze(this);
  }

  [Symbol.dispose](): void {
    this.#source.endSubscriptions();
  }
}
