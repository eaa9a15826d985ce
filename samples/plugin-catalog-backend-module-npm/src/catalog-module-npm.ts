import { CatalogProcessing } from '@inventory/plugin-catalog-node';
import { Module } from 'backplane';
import { NpmProvider } from './npm-provider.js';

@Module({ pluginId: 'catalog', moduleId: 'npm' })
export class CatalogModuleNpm {
  constructor(
    private readonly processing: CatalogProcessing,
    private readonly provider: NpmProvider,
  ) {}

  init(): void {
    this.processing.addProvider(this.provider);
  }
}
