import type { Entity } from '@inventory/plugin-catalog-node';
import { Controller, Get, NotFoundError, type PluginContext } from 'backplane';
import { CatalogConfig } from './catalog-config.js';
import { CatalogIngestion } from './catalog-ingestion.js';
import { CatalogStore, type EntityCounts, type EntityPage } from './catalog-store.js';
import { entityQueryReader, type EntityQueryReader } from './entity-query.js';
import type { ProviderProgress, ReadingProblem } from './provider-reading.js';

@Controller()
export class CatalogController {
  private readonly queryOf: EntityQueryReader;

  constructor(
    config: CatalogConfig,
    private readonly store: CatalogStore,
    private readonly ingestion: CatalogIngestion,
  ) {
    this.queryOf = entityQueryReader(config.pageSize);
  }

  @Get('/entities', { allow: 'unauthenticated' })
  entities(ctx: PluginContext): EntityPage {
    return this.store.find(this.queryOf(ctx.query));
  }

  /** The name of an npm package may be written as it is, `/entities/component/@koa/router`, or encoded. */
  @Get('/entities/:kind/:name', { allow: 'unauthenticated' })
  @Get('/entities/:kind/:scope/:name', { allow: 'unauthenticated' })
  entity(ctx: PluginContext): { versions: readonly Entity[] } {
    const { kind = '', scope, name = '' } = ctx.params;
    const versions = this.store.versions(kind.toLowerCase(), scope === undefined ? name : `${scope}/${name}`);
    if (versions.length === 0) throw new NotFoundError('The catalog has no such entity');
    return { versions };
  }

  @Get('/stats', { allow: 'unauthenticated' })
  stats(): EntityCounts & { ingestion: readonly ProviderProgress[] } {
    return { ...this.store.counts(), ingestion: this.ingestion.progress };
  }

  /** Quotes what stands in broken files. It says nothing of `allow`, so it is for users and services only. */
  @Get('/problems')
  problems(): { items: readonly ReadingProblem[] } {
    return { items: this.ingestion.problems };
  }
}
