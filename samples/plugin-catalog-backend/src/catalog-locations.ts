import { randomUUID } from 'node:crypto';
import { catalogApi, type Location } from '@inventory/plugin-catalog-common';
import type { EntityProvider } from '@inventory/plugin-catalog-node';
import { errorOf, Injectable } from 'backplane';
import { CatalogIngestion } from './catalog-ingestion.js';
import { CatalogProcessingRegistry } from './catalog-processing-registry.js';

/** What users have registered, in memory. */
@Injectable()
export class CatalogLocations {
  private readonly byFolder = new Map<string, Location>();

  constructor(
    private readonly processing: CatalogProcessingRegistry,
    private readonly ingestion: CatalogIngestion,
  ) {}

  all(): Location[] {
    return [...this.byFolder.values()];
  }

  /** Registers a folder and begins to read it. */
  async add(folder: string, registeredBy: string): Promise<Location> {
    const provider = await this.open(folder);
    if (!provider) throw errorOf(catalogApi.addLocation, 'location_refused');
    const known = this.byFolder.get(provider.name);
    if (known) throw errorOf(catalogApi.addLocation, 'location_exists', { details: { id: known.id } });
    const location = { id: randomUUID(), folder, registeredBy };
    this.byFolder.set(provider.name, location);
    this.ingestion.read(provider);
    return location;
  }

  private async open(folder: string): Promise<EntityProvider | undefined> {
    for (const reader of this.processing.locationReaders) {
      const provider = await reader.open(folder);
      if (provider) return provider;
    }
    return undefined;
  }
}
