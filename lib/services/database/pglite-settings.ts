import type { DatabaseReader } from './database-reader.js';
import { checkName, readPrefix } from './server-settings.js';

export interface PgliteSettings {
  readonly client: 'pglite';
  /** Where it is kept, for all plugins that name it; absent: in memory. */
  readonly directory: string | undefined;
  /** What the names of schemas begin with. */
  readonly prefix: string;
}

const longest = 63;

export function readPglite(reader: DatabaseReader, pluginId: string | undefined): PgliteSettings {
  const prefix = readPrefix(reader, 'schemaPrefix') ?? '';
  checkName(reader, pluginId, { key: 'schemaPrefix', prefix, longest });
  return { client: 'pglite', directory: reader.directory('PGlite'), prefix };
}
