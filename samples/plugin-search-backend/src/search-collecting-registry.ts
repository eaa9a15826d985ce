import { SearchCollecting, type SearchCollector } from '@inventory/plugin-search-node';
import { ExtensionPoint } from 'backplane';

@ExtensionPoint({ implements: SearchCollecting })
export class SearchCollectingRegistry extends SearchCollecting {
  readonly collectors: SearchCollector[] = [];

  override addCollector(collector: SearchCollector): void {
    if (this.collectors.some(({ type }) => type === collector.type)) {
      throw new Error(`Documents of type '${collector.type}' are collected already`);
    }
    this.collectors.push(collector);
  }
}
