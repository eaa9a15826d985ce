import { realpath, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { EntityProvider, LocationReader } from '@inventory/plugin-catalog-node';
import { Injectable, RootInstanceMetadataService } from 'backplane';
import { DescriptorsConfig } from './descriptors-config.js';
import { readFolder } from './descriptors-provider.js';

/** Reads folders that users register, if they lie where configuration says descriptors are. */
@Injectable()
export class DescriptorsLocations implements LocationReader {
  readonly opens: string;

  constructor(
    private readonly config: DescriptorsConfig,
    private readonly instance: RootInstanceMetadataService,
  ) {
    const roots = config.folders.map(folder => `'${folder}'`).join(', ');
    this.opens = `existing folders at or below ${roots || 'none'}, as catalog.descriptors.folders says`;
  }

  async open(folder: string): Promise<EntityProvider | undefined> {
    for (const root of this.config.folders) {
      const path = await folderBelow(resolve(this.instance.root, root), folder);
      if (path !== undefined) return { name: `location ${path}`, read: reading => readFolder(path, reading) };
    }
    return undefined;
  }
}

/** The folder that `path` leads to, links followed, if that lies at or below `root`. */
async function folderBelow(root: string, path: string): Promise<string | undefined> {
  try {
    const [top, found] = await Promise.all([realpath(root), realpath(resolve(root, path))]);
    const inside = found === top || found.startsWith(top + sep);
    return inside && (await stat(found)).isDirectory() ? found : undefined;
  } catch {
    return undefined; // Whether it is missing or may not be read, nobody has to know.
  }
}
