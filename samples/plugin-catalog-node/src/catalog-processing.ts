import { ExtensionPoint } from 'backplane';
import type { EntityProvider } from './entity-provider.js';
import type { LocationReader } from './location-reader.js';

/** What modules add to the catalog. */
@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
export abstract class CatalogProcessing {
  /** Every provider is read when the catalog refreshes, all of them at the same time. */
  abstract addProvider(provider: EntityProvider): void;
  /** Asked in order for each location that somebody registers; the first that opens it reads it. */
  abstract addLocationReader(reader: LocationReader): void;
}
