/** Which state of an entry was read, for who wants to replace just that. */
export type EntryVersion = string;

export interface StoredEntry {
  /** `undefined` where there is none. */
  readonly text: string | undefined;
  /** `undefined` where whatever is there may be replaced. */
  readonly version: EntryVersion | undefined;
}

/** What a store gives back is not what was put into it. */
export class AlteredEntry extends Error {
  override readonly name = 'AlteredEntry';
}

/**
 * Where the entries of one plugin are. Operations take effect in the order in which they are called, and reject where the
 * store cannot be reached, or refuses; what was to be replaced or removed is then not read any more either.
 */
export interface CacheStore {
  /** Rejects with `AlteredEntry` where something else has written there. */
  read(key: string): Promise<StoredEntry>;
  /** `ttl` in ms. With `since`, only where nobody has changed the entry after it was read. */
  write(key: string, text: string, ttl: number | undefined, since?: EntryVersion): Promise<void>;
  delete(key: string): Promise<void>;
  clear(): Promise<void>;
}
