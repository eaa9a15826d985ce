import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { RootInstanceMetadataService } from '../../api/metadata-services.js';
import { pluginView, type PluginViewable } from '../../api/plugin-view.js';
import { type PluginDatabaseSettings, readDatabaseSettings, readPluginDatabase } from './database-settings.js';
import { databasePlace } from './database-place.js';
import { Neighbours } from './neighbours.js';
import type { OpenDatabase, OpenRequest } from './open-database.js';
import { openMysql } from './open-mysql.js';
import { openPglite } from './open-pglite.js';
import { openPostgres } from './open-postgres.js';
import { openSqlite } from './open-sqlite.js';
import { PgliteHosts } from './pglite-hosts.js';
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
  readonly #settings: (pluginId: string) => PluginDatabaseSettings;
  readonly #neighbours = new Neighbours();
  readonly #hosts = new PgliteHosts();
  readonly #libraries = new SqliteLibraries();
  readonly #pools = new PostgresPools();
  readonly #borrowers = new WeakMap<object, Borrower>();
  // One for all: every one more would cost whatever is asynchronous in the process.
  readonly #current: CurrentScope = new AsyncLocalStorage<TransactionScope>();

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(RootInstanceMetadataService) instance: RootInstanceMetadataService,
  ) {
    const { plugins } = readDatabaseSettings(config);
    // What all have may not do for one: its id may be too long.
    this.#settings = pluginId => plugins.get(pluginId) ?? readPluginDatabase(config, pluginId);
    this.mode = instance.mode;
    this.#root = instance.root;
  }

  /** Throws a `ConfigError`. */
  settingsOf(pluginId: string): PluginDatabaseSettings {
    return this.#settings(pluginId);
  }

  /** `warn` is told what the installation should know. Rejects with a `BackplaneError`. */
  async open(
    request: OpenRequest,
    settings: PluginDatabaseSettings,
    warn: (message: string) => void,
  ): Promise<OpenDatabase> {
    const { pluginId } = request;
    const leave = this.#neighbours.claim(databasePlace(settings, pluginId), pluginId);
    try {
      const open = await this.#openWith(request, settings);
      const warning = this.#neighbours.meet(pluginId, open.access);
      if (warning !== undefined) warn(warning);
      return { ...open, close: () => open.close().finally(leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  #openWith(request: OpenRequest, settings: PluginDatabaseSettings): Promise<OpenDatabase> {
    const borrowers = this.#borrowers;
    switch (settings.client) {
      case 'pg':
        return openPostgres(request, settings, { pools: this.#pools, borrowers });
      case 'pglite':
        return openPglite(request, settings, { hosts: this.#hosts, borrowers, root: this.#root });
      case 'mysql2':
        return openMysql(request, settings);
      case 'sqlite':
        return openSqlite(request, settings, { root: this.#root, current: this.#current, libraries: this.#libraries });
    }
  }

  [pluginView](): object {
    return Object.freeze({});
  }
}
