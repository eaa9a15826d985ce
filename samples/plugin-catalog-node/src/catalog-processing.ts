import { ExtensionPoint } from 'backplane';
import type { EntityProvider } from './entity-provider.js';

/** What modules add to the catalog. */
@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
export abstract class CatalogProcessing {
  /** Every provider is read once the catalog has started, all of them at the same time. */
  abstract addProvider(provider: EntityProvider): void;
}
