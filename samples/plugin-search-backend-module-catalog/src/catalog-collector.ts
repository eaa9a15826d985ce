import type { Entity } from '@inventory/plugin-catalog-common';
import { CatalogClient } from '@inventory/plugin-catalog-node';
import type { SearchDocument } from '@inventory/plugin-search-common';
import type { SearchCollector } from '@inventory/plugin-search-node';
import { Injectable, type Call } from 'backplane';

/** Collects the entities of the catalog. */
@Injectable()
export class CatalogCollector implements SearchCollector {
  readonly type = 'entity';

  constructor(private readonly catalog: CatalogClient) {}

  async *collect(call: Call): AsyncGenerator<SearchDocument> {
    for await (const entity of this.catalog.everyEntity({}, call)) yield documentOf(entity);
  }
}

function documentOf({ kind, name, version, title, description }: Entity): SearchDocument {
  return {
    id: [kind, name, version].join(' '),
    type: 'entity',
    title: title ?? name,
    text: [name, description].join(' '),
    location: `/api/catalog/entities/${kind}/${name}`,
  };
}
