import type { Found, SearchDocument } from '@inventory/plugin-search-common';
import { Injectable, LoggerService, type CallOptions } from 'backplane';
import MiniSearch from 'minisearch';
import { SearchCollectingRegistry } from './search-collecting-registry.js';
import { SearchConfig } from './search-config.js';

/** Everything the collectors have, in memory, by words. */
@Injectable()
export class SearchIndex {
  private documents = newIndex();
  private collectedAt = -Infinity;
  private collecting: Promise<void> | undefined;

  constructor(
    private readonly registry: SearchCollectingRegistry,
    private readonly config: SearchConfig,
    private readonly logger: LoggerService,
  ) {}

  get size(): number {
    return this.documents.documentCount;
  }

  /** Collects on behalf of the caller where what there is has become too old; questions at the same time wait for one. */
  async freshen(call: CallOptions): Promise<void> {
    if (Date.now() - this.collectedAt >= this.config.maxAge * 1_000) await this.collect(call);
  }

  /** Collects everything anew. What fails to be collected keeps nobody from finding the rest. */
  collect(call: CallOptions): Promise<void> {
    this.collecting ??= this.collectAll(call).finally(() => (this.collecting = undefined));
    return this.collecting;
  }

  find(words: string, { type, limit }: { type?: string | undefined; limit: number }): Found {
    const found = this.documents.search(words, {
      prefix: true,
      fuzzy: 0.2,
      boost: { title: 3 },
      ...(type !== undefined && { filter: result => result['type'] === type }),
    });
    const items = found.slice(0, limit).map(({ id, score, ...stored }) => {
      return { ...(stored as unknown as SearchDocument), id: String(id), score };
    });
    return { items, total: found.length };
  }

  private async collectAll(call: CallOptions): Promise<void> {
    const fresh = newIndex();
    for (const collector of this.registry.collectors) {
      try {
        for await (const document of collector.collect(call)) fresh.add(document);
      } catch (error) {
        this.logger.error(`Collecting documents of type '${collector.type}' failed`, { error });
      }
    }
    this.documents = fresh;
    this.collectedAt = Date.now();
  }
}

function newIndex(): MiniSearch<SearchDocument> {
  return new MiniSearch({ fields: ['title', 'text'], storeFields: ['type', 'title', 'text', 'location'] });
}
