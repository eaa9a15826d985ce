import { CatalogProcessing, type EntityProvider } from '@inventory/plugin-catalog-node';
import { ExtensionPoint } from 'backplane';

@ExtensionPoint({ implements: CatalogProcessing })
export class CatalogProcessingRegistry extends CatalogProcessing {
  readonly providers: EntityProvider[] = [];

  override addProvider(provider: EntityProvider): void {
    this.providers.push(provider);
  }
}
