/** @ts-ignore: whoever has no database need not have TypeORM. */
import type { DataSource } from 'typeorm';
import { Service } from '../../decorators/service.js';

/**
 * The database of one plugin, which no other plugin sees; its modules share it.
 *
 * Which one it is, configuration says (`backend.database`): without that, SQLite in memory.
 */
@Service({ id: 'core.database', scope: 'plugin' })
export abstract class DatabaseService {
  /**
   * The plugin's TypeORM data source, opened when it is first asked for; by then every migration of the plugin and its
   * modules has run. It knows the `entities` that their decorators name, and is closed when the plugin has stopped.
   *
   * Rejects with a `BackplaneError`: `DATABASE_UNREACHABLE`, `MISSING_DATABASE_PACKAGE`, `MIGRATION_FAILED`,
   * `MIGRATION_INTERRUPTED`, `UNKNOWN_MIGRATION`, `FOREIGN_TABLE`, or one of those that queries fail with where the database
   * does: `DATABASE_BUSY`, `DATABASE_FULL`, `DATABASE_TIMEOUT`. Who asks again tries again.
   */
  abstract getDataSource(): Promise<DataSource>;

  /** Whether it ends with this process, so that no other instance of the backend sees it. Opens nothing. */
  get isInMemory(): boolean {
    return false;
  }
}
