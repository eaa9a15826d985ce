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
    return new ConfigView(new PluginConfigSource(this.#store, viewer));
  }

  [Symbol.dispose](): void {
    this.#watcher?.[Symbol.dispose]();
    this.#store.endSubscriptions();
  }
}
