import type { EntityProvider } from './entity-provider.js';

/** Knows how to read what users register. */
export interface LocationReader {
  /** What reads `folder`; `undefined` where it must not be read, or is none. */
  open(folder: string): Promise<EntityProvider | undefined>;
}
