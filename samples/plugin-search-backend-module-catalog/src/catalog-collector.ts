import type { Entity } from '@inventory/plugin-catalog-common';
import { CatalogClient } from '@inventory/plugin-catalog-node';
import type { SearchDocument } from '@inventory/plugin-search-common';
import type { SearchCollector } from '@inventory/plugin-search-node';
import { Injectable, type CallOptions } from 'backplane';

const pageSize = 200;

/** Collects the entities of the catalog, page by page. */
@Injectable()
export class CatalogCollector implements SearchCollector {
  readonly type = 'entity';

  constructor(private readonly catalog: CatalogClient) {}

  async *collect(call: CallOptions): AsyncGenerator<SearchDocument> {
    const seen = new Set<string>();
    for (let offset = 0, total = Infinity; offset < total; offset += pageSize) {
      const page = await this.catalog.listEntities({ query: { limit: pageSize, offset } }, call);
      total = page.total;
      for (const document of page.items.map(documentOf)) {
        // While the catalog still reads, what comes in between moves the rest to the next page.
        if (seen.has(document.id)) continue;
        seen.add(document.id);
        yield document;
      }
    }
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
