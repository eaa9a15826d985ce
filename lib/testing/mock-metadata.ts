import {
  type InstalledPlugin,
  type Mode,
  PluginMetadataService,
  RootInstanceMetadataService,
} from '../api/metadata-services.js';

export class MockPluginMetadata extends PluginMetadataService {
  readonly #pluginId: string;

  constructor(pluginId: string) {
    super();
    this.#pluginId = pluginId;
  }

  override getId(): string {
    return this.#pluginId;
  }
}

export class MockInstanceMetadata extends RootInstanceMetadataService {
  readonly mode: Mode = 'test';
  readonly root: string;
  readonly #plugins: readonly InstalledPlugin[];

  constructor(plugins: readonly InstalledPlugin[], root: string) {
    super();
    this.root = root;
    this.#plugins = plugins;
  }

  override getInstalledPlugins(): readonly InstalledPlugin[] {
    return this.#plugins;
  }
}
