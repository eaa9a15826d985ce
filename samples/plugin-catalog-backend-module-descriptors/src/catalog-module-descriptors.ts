import { CatalogProcessing } from '@inventory/plugin-catalog-node';
import { Module } from 'backplane';
import { DescriptorsLocations } from './descriptors-locations.js';
import { DescriptorsProvider } from './descriptors-provider.js';

@Module({ pluginId: 'catalog', moduleId: 'descriptors' })
export class CatalogModuleDescriptors {
  constructor(
    private readonly processing: CatalogProcessing,
    private readonly provider: DescriptorsProvider,
    private readonly locations: DescriptorsLocations,
  ) {}

  init(): void {
    this.processing.addProvider(this.provider);
    this.processing.addLocationReader(this.locations);
  }
}
