import { CreateCatalog1763800000000 } from './create-catalog.js';
import { DependencyRow, EntityRow } from './entity-row.js';
import { LocationRow } from './location-row.js';

/** What is in the plugin's database. */
export const catalogTables = {
  entities: [EntityRow, DependencyRow, LocationRow],
  migrations: [CreateCatalog1763800000000],
};
