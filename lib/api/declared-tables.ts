import type { Class } from '../../decorators/tokens.js';
import { Service } from '../../decorators/service.js';

/** What a plugin, or one of its modules, declares to be in the plugin's database. */
export interface OwnedTables {
  /** Absent for the plugin itself. */
  readonly moduleId?: string;
  readonly entities: readonly Class[];
  /** In the order in which they run. */
  readonly migrations: readonly Class[];
}

/** What belongs into the database of one plugin. The backend provides it, for whoever implements `DatabaseService`. */
@Service({ id: 'core.declared-tables', scope: 'plugin' })
export abstract class DeclaredTables {
  /** The plugin first, then its modules in the order in which they run. */
  abstract readonly owners: readonly OwnedTables[];
}
