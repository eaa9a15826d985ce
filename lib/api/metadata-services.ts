import { Service } from '../../decorators/service.js';

/** `development`, `test` or `production`; decided once, when the backend is made. */
export type Mode = 'development' | 'test' | 'production';

export interface InstalledPlugin {
  readonly pluginId: string;
  readonly modules: readonly { readonly moduleId: string }[];
}

/** Which plugin a plugin-scoped service is made for. It cannot be overridden. */
@Service({ id: 'core.plugin-metadata', scope: 'plugin' })
export abstract class PluginMetadataService {
  abstract getId(): string;
}

/** What runs in this backend. It cannot be overridden. */
@Service({ id: 'core.root-instance-metadata', scope: 'root' })
export abstract class RootInstanceMetadataService {
  abstract readonly mode: Mode;
  /** The folder of the package that was started: where relative paths in the configuration begin. */
  abstract readonly root: string;
  /** In the order they were added, frozen. */
  abstract getInstalledPlugins(): readonly InstalledPlugin[];
}
