import { Service } from '../../../decorators/service.js';
import { AuthService } from '../../api/auth-services.js';
import { RootHttpRouterService } from '../../api/http-services.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { PluginKeyStore } from '../../api/plugin-key-store.js';
import { withDeadline } from '../../util/deadline.js';
import { PluginAuth } from './plugin-auth.js';
import { RootAuth } from './root-auth.js';

/** How long a plugin waits for its first key at most, in ms: it may well start where its database comes later. */
const patience = 5_000;

/**
 * The same with keys in the plugin's database, the first of which is there before the plugin is: it cannot be put there
 * while the plugin is within a transaction and waits for it.
 */
@Service({
  implements: AuthService,
  create: [PluginMetadataService, RootAuth, RootHttpRouterService, PluginKeyStore],
})
export class SharingPluginAuth extends PluginAuth {
  static {
    Object.freeze(this.prototype);
  }

  static async create(
    plugin: PluginMetadataService,
    root: RootAuth,
    router: RootHttpRouterService,
    store: PluginKeyStore,
  ): Promise<SharingPluginAuth> {
    const auth = new this(plugin, root, router, store);
    await withDeadline(patience, () => auth.ready ?? Promise.resolve()).catch(() => {});
    return auth;
  }
}
