import { SearchCollecting } from '@inventory/plugin-search-node';
import { Module } from 'backplane';
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
}
