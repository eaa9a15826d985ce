import type { EntityProvider } from './entity-provider.js';

/** Knows how to read what users register. */
export interface LocationReader {
  /** What it opens and by which rule, for who is refused: `existing folders below 'a' (catalog.descriptors.folders)`. */
  readonly opens: string;
  /** What reads `folder`; `undefined` where it must not be read, or is none. */
  open(folder: string): Promise<EntityProvider | undefined>;
}
