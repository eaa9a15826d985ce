import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reading } from '@inventory/plugin-catalog-node';

const fileNames = ['catalog-info.yaml', 'catalog-info.yml'];
const skipped = ['node_modules', 'dist'];

/** The descriptors in a folder and below it. Links are not followed; hidden folders and build output are left out. */
export async function* descriptorFiles(folder: string, reading: Reading): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    reading.report(folder, `cannot be read (${error.code})`);
    return [];
  });
  for (const entry of entries) {
    reading.signal.throwIfAborted();
    const path = join(folder, entry.name);
    if (entry.isFile() && fileNames.includes(entry.name)) yield path;
    else if (entry.isDirectory() && !entry.name.startsWith('.') && !skipped.includes(entry.name)) {
      yield* descriptorFiles(path, reading);
    }
  }
}
