import type { SearchDocument } from '@inventory/plugin-search-common';
import { ExtensionPoint, type Call } from 'backplane';

/** Where documents come from. */
export interface SearchCollector {
  /** The type of its documents. No two collectors have the same. */
  readonly type: string;
  /** Everything there is to find, as far as the caller may see it. */
  collect(call: Call): AsyncIterable<SearchDocument>;
}

/** What tells the search of changes, at any time. */
export interface Collected {
  /** What is found from now on is collected after this. */
  hasChanged(): Promise<void>;
}

/** What modules add to the search. */
@ExtensionPoint({ pluginId: 'search', id: 'collecting' })
export abstract class SearchCollecting {
  abstract addCollector(collector: SearchCollector): Collected;
}
