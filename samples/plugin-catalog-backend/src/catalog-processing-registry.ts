import { CatalogProcessing, type EntityProvider, type LocationReader } from '@inventory/plugin-catalog-node';
import { ExtensionPoint } from 'backplane';

@ExtensionPoint({ implements: CatalogProcessing })
export class CatalogProcessingRegistry extends CatalogProcessing {
  readonly providers: EntityProvider[] = [];
  readonly locationReaders: LocationReader[] = [];

  override addProvider(provider: EntityProvider): void {
    this.providers.push(provider);
  }

  override addLocationReader(reader: LocationReader): void {
    this.locationReaders.push(reader);
  }
}
