import { HealthCheck, Plugin, Scheduled } from 'backplane';
import { CatalogController } from './catalog-controller.js';
import { CatalogIngestion } from './catalog-ingestion.js';
import { CatalogLocations } from './catalog-locations.js';
import { CatalogProcessingRegistry } from './catalog-processing-registry.js';
import { catalogTables } from './catalog-tables.js';

@Plugin({
  pluginId: 'catalog',
  extensionPoints: [CatalogProcessingRegistry],
  controllers: [CatalogController],
  ...catalogTables,
})
export class CatalogPlugin {
  constructor(
    private readonly processing: CatalogProcessingRegistry,
    private readonly locations: CatalogLocations,
    private readonly ingestion: CatalogIngestion,
  ) {}

  /** What has been read so far can be asked for at once. */
  @Scheduled({ id: 'refresh', every: '5m', timeout: '4m' })
  async refresh(signal: AbortSignal): Promise<void> {
    const providers = [...this.processing.providers, ...(await this.locations.providers())];
    await Promise.all(providers.map(provider => this.ingestion.read(provider, signal)));
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
