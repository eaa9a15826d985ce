import { searchApi, type Found } from '@inventory/plugin-search-common';
import { Controller, type Call } from 'backplane';
import type { RequestOf } from 'backplane/contract';
import { SearchIndex } from './search-index.js';

@Controller(searchApi)
export class SearchController {
  constructor(private readonly index: SearchIndex) {}

  async search({ query }: RequestOf<typeof searchApi.search>, call: Call): Promise<Found> {
    await this.index.freshen(call);
    return this.index.find(query.q, query);
  }

  async refresh(_request: unknown, call: Call): Promise<{ documents: number }> {
    await this.index.collect(call);
    return { documents: this.index.size };
  }
}
