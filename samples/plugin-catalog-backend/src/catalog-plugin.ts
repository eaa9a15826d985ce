import { HealthCheck, Plugin } from 'backplane';
import { CatalogController } from './catalog-controller.js';
import { CatalogIngestion } from './catalog-ingestion.js';
import { CatalogProcessingRegistry } from './catalog-processing-registry.js';

@Plugin({ pluginId: 'catalog', extensionPoints: [CatalogProcessingRegistry], controllers: [CatalogController] })
export class CatalogPlugin {
  constructor(
    private readonly processing: CatalogProcessingRegistry,
    private readonly ingestion: CatalogIngestion,
  ) {}

  /** Does not wait for the reading: what has been read so far can be asked for at once. */
  init(): void {
    for (const provider of this.processing.providers) this.ingestion.read(provider);
  }

  async shutdown(): Promise<void> {
    await this.ingestion.stop();
  }

  @HealthCheck({ affectsReadiness: false })
  providers(): void {
    const failed = this.ingestion.progress.filter(({ state }) => state === 'failed').map(({ provider }) => provider);
    if (failed.length > 0) throw new Error(`Could not be read: ${failed.join(', ')}`);
  }
}
