import { catalogApi, type Entity, type EntityQuery } from '@inventory/plugin-catalog-common';
import { clientOf, type CallOptions } from 'backplane';

const pageSize = 200;

/** Asks the catalog, wherever it runs. */
export class CatalogClient extends clientOf(catalogApi) {
  /** All that fits, read page by page. While the catalog still reads, what comes in between may be left out. */
  async *everyEntity(query: Omit<EntityQuery, 'limit' | 'offset'>, call: CallOptions): AsyncGenerator<Entity> {
    const given = new Set<string>();
    for (let offset = 0, total = Infinity; offset < total; offset += pageSize) {
      const page = await this.listEntities({ query: { ...query, limit: pageSize, offset } }, call);
      total = page.total;
      for (const entity of page.items) {
        const key = [entity.kind, entity.name, entity.version].join(' ');
        // What is new moves the rest to the next page, where it would come a second time.
        if (given.has(key)) continue;
        given.add(key);
        yield entity;
      }
    }
  }
}
