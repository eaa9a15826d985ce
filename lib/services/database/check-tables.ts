import type { DataSource } from 'typeorm';
import type { OwnedTables } from '../../api/declared-tables.js';
import { foreignTable } from './database-errors.js';

/**
 * A module's tables carry its id, and are tied to nobody else's: the module may be removed, and its plugin changed,
 * without the other. Throws `FOREIGN_TABLE`.
 */
export function checkTables(dataSource: DataSource, pluginId: string, owners: readonly OwnedTables[]): void {
  for (const { moduleId, entities } of owners) {
    if (moduleId === undefined) continue;
    const own = new Set<unknown>(entities);
    const prefix = `${moduleId.replaceAll('-', '_')}_`;
    for (const { target, tableName, relations } of dataSource.entityMetadatas) {
      if (!own.has(target)) continue;
      if (!tableName.startsWith(prefix)) {
        throw foreignTable(pluginId, moduleId, tableName, `does not begin with '${prefix}'`);
      }
      const foreign = relations.find(({ inverseEntityMetadata }) => !own.has(inverseEntityMetadata.target));
      if (foreign) {
        const { tableName: other } = foreign.inverseEntityMetadata;
        throw foreignTable(pluginId, moduleId, tableName, `has a relation to '${other}', which is not the module's`);
      }
    }
  }
}
