import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Entity } from '@inventory/plugin-catalog-common';
import type { EntityProvider, Reading } from '@inventory/plugin-catalog-node';
import { Injectable, RootInstanceMetadataService } from 'backplane';
import { entitiesOf } from './descriptor-documents.js';
import { descriptorFiles } from './descriptor-files.js';
import { DescriptorsConfig } from './descriptors-config.js';

/** Reads what teams say about their software in `catalog-info.yaml` files. */
@Injectable()
export class DescriptorsProvider implements EntityProvider {
  readonly name = 'descriptors';

  constructor(
    private readonly config: DescriptorsConfig,
    private readonly instance: RootInstanceMetadataService,
  ) {}

  async *read(reading: Reading): AsyncGenerator<Entity> {
    for (const folder of this.config.folders) yield* readFolder(resolve(this.instance.root, folder), reading);
  }
}

/** Everything that the descriptors in a folder, and below it, declare. */
export async function* readFolder(folder: string, reading: Reading): AsyncGenerator<Entity> {
  for await (const file of descriptorFiles(folder, reading)) yield* await readDescriptors(file, reading);
}

async function readDescriptors(file: string, reading: Reading): Promise<Iterable<Entity>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    reading.report(file, `cannot be read (${error.code})`);
    return '';
  });
  return entitiesOf(text, file, reading);
}
