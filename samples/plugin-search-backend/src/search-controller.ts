import { Found, searchApi } from '@inventory/plugin-search-common';
import { CacheService, Controller, type Cache, type Call } from 'backplane';
import type { RequestOf } from 'backplane/contract';
import { SearchConfig } from './search-config.js';
import { SearchIndex } from './search-index.js';

@Controller(searchApi)
export class SearchController {
  private readonly found: Cache<Found>;

  constructor(
    private readonly index: SearchIndex,
    private readonly config: SearchConfig,
    cache: CacheService,
  ) {
    this.found = cache.withSchema(Found);
  }

  async search({ query }: RequestOf<typeof searchApi.search>, call: Call): Promise<Found> {
    const search = async (): Promise<Found> => {
      await this.index.freshen(call);
      return this.index.find(query.q, query);
    };
    const { maxAge } = this.config;
    if (maxAge === 0) return search();
    return this.found.getOrSet(JSON.stringify([query.q, query.type, query.limit]), search, {
      ttl: { seconds: maxAge },
    });
  }

  async refresh(_request: unknown, call: Call): Promise<{ documents: number }> {
    await this.index.collect(call);
    await this.found.clear();
    return { documents: this.index.size };
  }
}
