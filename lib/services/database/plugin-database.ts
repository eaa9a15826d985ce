import type { DataSource } from 'typeorm';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { DatabaseService } from '../../api/database-service.js';
import { DeclaredTables } from '../../api/declared-tables.js';
import { LoggerService } from '../../api/logger-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { RootHealthService } from '../../api/root-health-service.js';
import { checkTables } from './check-tables.js';
import { databaseClosed } from './database-errors.js';
import { isInMemory, type PluginDatabaseSettings } from './database-settings.js';
import { migrate } from './migrate.js';
import type { OpenDatabase } from './open-database.js';
import { RootDatabase } from './root-database.js';

/** How long the database may take to say that it is there, in ms. */
const checkTimeout = 2_000;

/** The database of one plugin: opened when it is asked for, brought up to date, watched, and closed. */
@Service({ implements: DatabaseService })
export class PluginDatabase extends DatabaseService implements AsyncDisposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #tables: DeclaredTables;
  readonly #root: RootDatabase;
  readonly #health: Pick<RootHealthService, 'addCheck'>;
  readonly #logger: LoggerService;
  #opened: Promise<OpenDatabase> | undefined;
  #isWatched = false;
  #isClosed = false;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(DeclaredTables) tables: DeclaredTables,
    @Inject(RootDatabase) root: RootDatabase,
    @Inject(RootHealthService) health: Pick<RootHealthService, 'addCheck'>,
    @Inject(LoggerService) logger: LoggerService,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#tables = tables;
    this.#root = root;
    this.#health = health;
    this.#logger = logger;
  }

  override async getDataSource(): Promise<DataSource> {
    if (this.#isClosed) throw databaseClosed(this.#pluginId);
    const opening = (this.#opened ??= this.#open());
    try {
      return (await opening).dataSource;
    } catch (error) {
      // Who asks next tries again.
      if (this.#opened === opening) this.#opened = undefined;
      throw error;
    }
  }

  override get isInMemory(): boolean {
    return isInMemory(this.#root.settingsOf(this.#pluginId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const open = await this.#opened?.catch(() => undefined);
    await open?.close();
  }

  async #open(): Promise<OpenDatabase> {
    const pluginId = this.#pluginId;
    const { owners } = this.#tables;
    const request = { pluginId, entities: owners.flatMap(({ entities }) => entities) };
    const settings = this.#root.settingsOf(pluginId);
    const open = await this.#root.open(request, settings, message => this.#logger.warn(message));
    try {
      checkTables(open.dataSource, pluginId, owners);
      await this.#bringUpToDate(open, settings);
    } catch (error) {
      await open.close();
      throw error;
    }
    if (open.isInMemory && this.#root.mode === 'production') {
      this.#logger.warn(`The database is in memory and ends with this process; see 'backend.database'`);
    }
    this.#watch();
    return open;
  }

  async #bringUpToDate(
    open: OpenDatabase,
    { skipMigrations, synchronize = open.isInMemory }: PluginDatabaseSettings,
  ): Promise<void> {
    const { owners } = this.#tables;
    if (owners.some(({ migrations }) => migrations.length > 0)) {
      if (skipMigrations) return;
      await migrate(open, this.#pluginId, owners, (moduleId, migrations) =>
        this.#logger.info(`Tables of a module that is not installed are left as they are`, { moduleId, migrations }),
      );
    } else if (synchronize) {
      await open.exclusively(() => open.dataSource.synchronize());
    }
  }

  /** From now on the plugin is ready only while its database is there; TypeORM connects again by itself. */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#health.addCheck({
      pluginId: this.#pluginId,
      id: 'database',
      affectsReadiness: true,
      timeout: checkTimeout,
      check: async () => (await this.getDataSource()).query('SELECT 1'),
    });
  }
}
