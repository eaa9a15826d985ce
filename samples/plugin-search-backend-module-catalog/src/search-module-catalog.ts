import { entityChanged } from '@inventory/plugin-catalog-common';
import { SearchCollecting, type Collected } from '@inventory/plugin-search-node';
import { Module, Subscribe } from 'backplane';
import { CatalogCollector } from './catalog-collector.js';

@Module({ pluginId: 'search', moduleId: 'catalog' })
export class SearchModuleCatalog {
  private collected: Collected | undefined;

  constructor(
    private readonly collecting: SearchCollecting,
    private readonly collector: CatalogCollector,
  ) {}

  init(): void {
    this.collected = this.collecting.addCollector(this.collector);
  }

  @Subscribe(entityChanged, { id: 'catalog' })
  async entityHasChanged(): Promise<void> {
    await this.collected?.hasChanged();
  }
}
