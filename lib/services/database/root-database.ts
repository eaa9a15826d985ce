import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { RootInstanceMetadataService } from '../../api/metadata-services.js';
import { pluginView, type PluginViewable } from '../../api/plugin-view.js';
import { type DatabaseSettings, type PluginDatabaseSettings, readDatabaseSettings } from './database-settings.js';
import type { OpenDatabase, OpenRequest } from './open-database.js';
import { openPostgres } from './open-postgres.js';
import { openSqlite } from './open-sqlite.js';
import { type Borrower, PostgresPools } from './postgres-pools.js';
import { SqliteLibraries } from './sqlite-library.js';
import type { CurrentScope, TransactionScope } from './transaction-scope.js';

/** What the databases of all plugins share. Plugins themselves see nothing of it. */
@Service({ id: 'core.root-database', scope: 'root', eager: false })
export class RootDatabase implements PluginViewable<object> {
  static {
    Object.freeze(this.prototype);
  }

  readonly mode: RootInstanceMetadataService['mode'];
  readonly #root: string;
  readonly #settings: DatabaseSettings;
  readonly #libraries = new SqliteLibraries();
  readonly #pools = new PostgresPools();
  readonly #borrowers = new WeakMap<object, Borrower>();
  // One for all: every one more would cost whatever is asynchronous in the process.
  readonly #current: CurrentScope = new AsyncLocalStorage<TransactionScope>();

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(RootInstanceMetadataService) instance: RootInstanceMetadataService,
  ) {
    this.#settings = readDatabaseSettings(config);
    this.mode = instance.mode;
    this.#root = instance.root;
  }

  settingsOf(pluginId: string): PluginDatabaseSettings {
    return this.#settings.plugins.get(pluginId) ?? this.#settings.base;
  }

  async open(request: OpenRequest): Promise<OpenDatabase> {
    const settings = this.settingsOf(request.pluginId);
    if (settings.client === 'pg') {
      return openPostgres(request, settings, { pools: this.#pools, borrowers: this.#borrowers });
    }
    return openSqlite(request, settings, { root: this.#root, current: this.#current, libraries: this.#libraries });
  }

  [pluginView](): object {
    return Object.freeze({});
  }
}
