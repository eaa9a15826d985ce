import { createHash } from 'node:crypto';
import { catalogApi, type Location } from '@inventory/plugin-catalog-common';
import type { EntityProvider } from '@inventory/plugin-catalog-node';
import { DatabaseService, errorOf, Injectable } from 'backplane';
import type { Repository } from 'typeorm';
import { CatalogIngestion } from './catalog-ingestion.js';
import { CatalogProcessingRegistry } from './catalog-processing-registry.js';
import { LocationRow } from './location-row.js';

/** What users have registered. */
@Injectable()
export class CatalogLocations {
  constructor(
    private readonly database: DatabaseService,
    private readonly processing: CatalogProcessingRegistry,
    private readonly ingestion: CatalogIngestion,
  ) {}

  async all(): Promise<Location[]> {
    const rows = await (await this.rows()).find({ order: { registeredAt: 'ASC' } });
    return rows.map(({ id, folder, registeredBy }) => ({ id, folder, registeredBy }));
  }

  /** What reads the registered folders, but those that nothing opens any more. */
  async providers(): Promise<EntityProvider[]> {
    const opened = await Promise.all((await this.all()).map(({ folder }) => this.open(folder)));
    return opened.filter(provider => provider !== undefined);
  }

  /** Registers a folder and begins to read it. */
  async add(folder: string, registeredBy: string): Promise<Location> {
    const provider = await this.open(folder);
    if (!provider) throw errorOf(catalogApi.addLocation, 'location_refused', { message: this.refusalOf(folder) });
    const location = { id: idOf(provider), folder, registeredBy };
    const row = { ...location, registeredAt: new Date().toISOString() };
    if (!(await this.isAdded(row))) {
      throw errorOf(catalogApi.addLocation, 'location_exists', { details: { id: location.id } });
    }
    void this.ingestion.read(provider);
    return location;
  }

  /** Whether it was added; not where it is there already, if only since a moment ago. */
  private async isAdded(row: LocationRow): Promise<boolean> {
    const rows = await this.rows();
    try {
      await rows.insert(row);
      return true;
    } catch (error) {
      if (await rows.existsBy({ id: row.id })) return false;
      throw error;
    }
  }

  private async open(folder: string): Promise<EntityProvider | undefined> {
    for (const reader of this.processing.locationReaders) {
      const provider = await reader.open(folder);
      if (provider) return provider;
    }
    return undefined;
  }

  private refusalOf(folder: string): string {
    const readers = this.processing.locationReaders;
    if (readers.length === 0) return 'No module of the catalog reads locations';
    return `'${folder}' is not among what can be registered: ${readers.map(({ opens }) => opens).join('; ')}`;
  }

  private async rows(): Promise<Repository<LocationRow>> {
    return (await this.database.getDataSource()).getRepository(LocationRow);
  }
}

/** The same folder has the same id, whoever registers it, in however many instances at the same time. */
function idOf({ name }: EntityProvider): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
