import { entityChanged } from '@inventory/plugin-catalog-common';
import { SearchCollecting } from '@inventory/plugin-search-node';
import { Module, Subscribe } from 'backplane';
import { CatalogCollector } from './catalog-collector.js';

@Module({ pluginId: 'search', moduleId: 'catalog' })
export class SearchModuleCatalog {
  constructor(
    private readonly collecting: SearchCollecting,
    private readonly collector: CatalogCollector,
  ) {}

  init(): void {
    this.collecting.addCollector(this.collector);
  }

  @Subscribe(entityChanged, { id: 'catalog' })
  async entityHasChanged(): Promise<void> {
    await this.collecting.hasChanged();
  }
}
