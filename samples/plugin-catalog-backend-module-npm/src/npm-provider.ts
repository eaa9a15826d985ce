import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Entity } from '@inventory/plugin-catalog-common';
import type { EntityProvider, Reading } from '@inventory/plugin-catalog-node';
import { Injectable, RootInstanceMetadataService } from 'backplane';
import { z } from 'zod';
import { installedPackages } from './installed-packages.js';
import { mapConcurrently } from './map-concurrently.js';
import { NpmConfig } from './npm-config.js';
import { entityOf } from './package-manifest.js';

const filesOpen = 16;
const globalRoot = join(dirname(process.execPath), process.platform === 'win32' ? '.' : '../lib');

/** Reads the packages that are installed on this machine. */
@Injectable()
export class NpmProvider implements EntityProvider {
  readonly name = 'npm';

  constructor(
    private readonly config: NpmConfig,
    private readonly instance: RootInstanceMetadataService,
  ) {}

  async *read(reading: Reading): AsyncGenerator<Entity> {
    const { roots, global } = this.config;
    for (const root of roots) {
      const nodeModules = resolve(this.instance.root, root, 'node_modules');
      const found = yield* readPackages(nodeModules, reading);
      if (found === 0) reading.report(nodeModules, 'holds no packages; "catalog.npm.roots" names the folders above it');
    }
    // That nothing is installed there is no problem.
    if (global) yield* readPackages(join(globalRoot, 'node_modules'), reading);
  }
}

/** Returns how many it found. */
async function* readPackages(nodeModules: string, reading: Reading): AsyncGenerator<Entity, number> {
  let found = 0;
  const folders = installedPackages(nodeModules, reading);
  for await (const entity of mapConcurrently(folders, filesOpen, folder => readPackage(folder, reading))) {
    if (!entity) continue;
    found += 1;
    yield entity;
  }
  return found;
}

async function readPackage(folder: string, reading: Reading): Promise<Entity | undefined> {
  const file = join(folder, 'package.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // A folder without the file is a leftover, not a package.
    if (error.code !== 'ENOENT') reading.report(file, `cannot be read (${error.code})`);
    return undefined;
  });
  try {
    return text === undefined ? undefined : entityOf(text, file);
  } catch (error) {
    reading.report(file, problemOf(error));
    return undefined;
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return 'is not JSON';
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
