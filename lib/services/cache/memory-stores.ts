import { LRUCache } from 'lru-cache';
import type { MemoryBounds } from './cache-settings.js';
import type { CacheStore, StoredEntry } from './cache-store.js';

/** What an entry takes besides its texts, in bytes. */
const overhead = 200;

type Entries = LRUCache<string, string>;

/**
 * The entries of all plugins, in the memory of this process.
 *
 * They share its bounds. Where those are reached, the plugin that holds most gives up what it has not used for longest: so
 * whoever holds less than an equal share loses nothing to others.
 */
export class MemoryStores {
  readonly #bounds: MemoryBounds;
  readonly #plugins = new Map<string, Entries>();
  #entries = 0;
  #size = 0;

  constructor(bounds: MemoryBounds) {
    this.#bounds = bounds;
  }

  storeOf(pluginId: string): CacheStore {
    const entries = this.#plugins.get(pluginId) ?? this.#create();
    this.#plugins.set(pluginId, entries);
    return {
      read: key => Promise.resolve(this.#count(entries, () => found(entries.get(key)))),
      write: (key, text, ttl) => {
        this.#count(entries, () => void entries.set(key, text, ttl === undefined ? {} : { ttl }));
        this.#makeRoom();
        return Promise.resolve();
      },
      delete: key => Promise.resolve(this.#count(entries, () => void entries.delete(key))),
      clear: () => Promise.resolve(this.#count(entries, () => entries.clear())),
    };
  }

  #create(): Entries {
    return new LRUCache<string, string>({
      maxSize: this.#bounds.maxSize,
      // Characters beyond Latin-1 make it two bytes for each.
      sizeCalculation: (text, key) => overhead + 2 * (key.length + text.length),
      ttlResolution: 0,
    });
  }

  /** Does something to `entries`, and keeps the account of all. */
  #count<T>(entries: Entries, change: () => T): T {
    const { size, calculatedSize } = entries;
    const result = change();
    this.#entries += entries.size - size;
    this.#size += entries.calculatedSize - calculatedSize;
    return result;
  }

  #makeRoom(): void {
    const { maxEntries, maxSize } = this.#bounds;
    while (this.#entries > maxEntries) this.#shrink(this.#largest(({ size }) => size));
    while (this.#size > maxSize) this.#shrink(this.#largest(({ calculatedSize }) => calculatedSize));
  }

  #largest(sizeOf: (entries: Entries) => number): Entries {
    return [...this.#plugins.values()].reduce((most, other) => (sizeOf(other) > sizeOf(most) ? other : most));
  }

  #shrink(entries: Entries): void {
    this.#count(entries, () => void entries.pop());
  }
}

function found(text: string | undefined): StoredEntry {
  return { text, version: '' };
}
