import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reading } from '@inventory/plugin-catalog-node';

/**
 * The folders of the packages installed under a `node_modules` folder, those nested in other packages included.
 *
 * A linked package is found, what is installed inside of it is not: a workspace may well link to its own root.
 */
export async function* installedPackages(nodeModules: string, reading: Reading): AsyncGenerator<string> {
  for (const entry of await entriesOf(nodeModules, reading)) {
    reading.signal.throwIfAborted();
    if (entry.name.startsWith('.') || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
    const folder = join(nodeModules, entry.name);
    if (entry.name.startsWith('@')) {
      yield* installedPackages(folder, reading);
      continue;
    }
    yield folder;
    if (entry.isDirectory()) yield* installedPackages(join(folder, 'node_modules'), reading);
  }
}

function entriesOf(folder: string, reading: Reading): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') reading.report(folder, `cannot be read (${error.code})`);
    return [];
  });
}
