import { SearchCollecting, type Collected, type SearchCollector } from '@inventory/plugin-search-node';
import { CacheService, ExtensionPoint } from 'backplane';

@ExtensionPoint({ implements: SearchCollecting })
export class SearchCollectingRegistry extends SearchCollecting {
  readonly collectors: SearchCollector[] = [];
  /** When it was last said that something has changed, in ms since 1970. */
  changedAt = 0;

  constructor(private readonly cache: CacheService) {
    super();
  }

  override addCollector(collector: SearchCollector): Collected {
    if (this.collectors.some(({ type }) => type === collector.type)) {
      throw new Error(`Documents of type '${collector.type}' are collected already`);
    }
    this.collectors.push(collector);
    return { hasChanged: () => this.hasChanged() };
  }

  private async hasChanged(): Promise<void> {
    this.changedAt = Date.now();
    await this.cache.clear();
  }
}
