import type { Found, SearchDocument } from '@inventory/plugin-search-common';
import { Injectable, LoggerService, type Call } from 'backplane';
import { DocumentIndex } from './document-index.js';
import { SearchCollectingRegistry } from './search-collecting-registry.js';
import { SearchConfig } from './search-config.js';

/** How long all collectors together may take, in ms. */
const collectingTimeout = 30_000;

/** Everything the collectors have. What is collected on behalf of one caller is found by all. */
@Injectable()
export class SearchIndex {
  private readonly collected = new Map<string, readonly SearchDocument[]>();
  private index = new DocumentIndex([]);
  private collectedAt = -Infinity;
  private collecting: Promise<void> | undefined;

  constructor(
    private readonly registry: SearchCollectingRegistry,
    private readonly config: SearchConfig,
    private readonly logger: LoggerService,
  ) {}

  get size(): number {
    return this.index.size;
  }

  find(...args: Parameters<DocumentIndex['find']>): Found {
    return this.index.find(...args);
  }

  /** Collects where what there is has become too old. A failure keeps nobody from finding what was there before. */
  async freshen(call: Call): Promise<void> {
    const isFresh =
      this.collectedAt > this.registry.changedAt && Date.now() - this.collectedAt < this.config.maxAge * 1_000;
    if (isFresh) return;
    try {
      await this.collect(call);
    } catch (error) {
      if (this.collected.size === 0) throw error;
      this.logger.warn('What is found is out of date: it could not be collected anew', { error });
    }
  }

  /** Collects everything anew, once for all who wait. Rejects with a failure when all the rest is there. */
  collect(call: Call): Promise<void> {
    this.collecting ??= this.collectAll(call).finally(() => (this.collecting = undefined));
    return this.collecting;
  }

  private async collectAll(call: Call): Promise<void> {
    const begun = Date.now();
    // The others go on waiting where the one on whose behalf it is collected has left.
    const shared = { ...call, signal: AbortSignal.timeout(collectingTimeout) };
    const runs = await Promise.allSettled(
      this.registry.collectors.map(async collector => {
        const documents: SearchDocument[] = [];
        for await (const document of collector.collect(shared)) documents.push(document);
        this.collected.set(collector.type, documents);
      }),
    );
    this.index = new DocumentIndex([...this.collected.values()].flat());
    for (const run of runs) if (run.status === 'rejected') throw run.reason;
    this.collectedAt = begun;
  }
}
