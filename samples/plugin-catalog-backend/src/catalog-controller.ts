import {
  catalogApi,
  type Entity,
  type EntityPage,
  type Location,
  type ReadingProblem,
} from '@inventory/plugin-catalog-common';
import { Controller, errorOf, type Call, type UserPrincipal } from 'backplane';
import type { RequestOf, ResponseOf } from 'backplane/contract';
import { CatalogConfig } from './catalog-config.js';
import { CatalogIngestion } from './catalog-ingestion.js';
import { CatalogLocations } from './catalog-locations.js';
import { CatalogStore } from './catalog-store.js';

@Controller(catalogApi)
export class CatalogController {
  constructor(
    private readonly config: CatalogConfig,
    private readonly store: CatalogStore,
    private readonly ingestion: CatalogIngestion,
    private readonly locations: CatalogLocations,
  ) {}

  listEntities({ query }: RequestOf<typeof catalogApi.listEntities>): Promise<EntityPage> {
    const { pageSize } = this.config;
    return this.store.find({ ...query, limit: Math.min(query.limit ?? pageSize.default, pageSize.max) });
  }

  getEntity({ params }: RequestOf<typeof catalogApi.getEntity>): Promise<{ versions: Entity[] }> {
    return this.versionsOf(params.kind, params.name);
  }

  getScopedEntity({ params }: RequestOf<typeof catalogApi.getScopedEntity>): Promise<{ versions: Entity[] }> {
    return this.versionsOf(params.kind, `${params.scope}/${params.name}`);
  }

  async getStats(): Promise<ResponseOf<typeof catalogApi.getStats>> {
    return { ...(await this.store.counts()), ingestion: this.ingestion.progress };
  }

  listProblems(): { items: ReadingProblem[] } {
    return { items: this.ingestion.problems };
  }

  async listLocations(): Promise<{ items: Location[] }> {
    return { items: await this.locations.all() };
  }

  addLocation({ body }: RequestOf<typeof catalogApi.addLocation>, call: Call<UserPrincipal>): Promise<Location> {
    return this.locations.add(body.folder, call.credentials.principal.userEntityRef);
  }

  private async versionsOf(kind: string, name: string): Promise<{ versions: Entity[] }> {
    const versions = await this.store.versions(kind.toLowerCase(), name);
    if (versions.length === 0) throw errorOf(catalogApi.getEntity, 'unknown_entity');
    return { versions };
  }
}
