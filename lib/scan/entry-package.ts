import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { BackplaneError } from '../errors/backplane-error.js';
import { mainFilesOf } from './package-entry.js';
import { readManifest, type PackageManifest } from './package-manifest.js';

/** The package of the program that runs. */
export interface EntryPackage {
  /** A real path. */
  readonly folder: string;
  readonly manifest: PackageManifest;
  /** Real paths of what starts the program; imported by a scan, they would start it again and wait for themselves. */
  readonly entries: ReadonlySet<string>;
  /** The program runs from its TypeScript sources. */
  readonly typescript: boolean;
}

/**
 * The closest package at or above `folder`, else above the file that Node was started with.
 *
 * Throws a `BackplaneError`: `NO_ENTRY_PACKAGE` where there is none, `INVALID_PACKAGE_JSON`.
 */
export function findEntryPackage(entry: string | undefined, folder?: string): EntryPackage {
  const file = entry === undefined ? undefined : realFile(entry);
  const start = folder === undefined ? file && dirname(file) : realFolder(folder);
  for (let current = start; current !== undefined; current = parentOf(current)) {
    const manifest = readManifest(current);
    if (!manifest || isMarker(manifest)) continue;
    const entries = new Set(mainFilesOf(current, manifest));
    if (file !== undefined) entries.add(file);
    return { folder: current, manifest, entries, typescript: file !== undefined && /\.m?ts$/.test(file) };
  }
  const above = folder ?? entry;
  throw new BackplaneError({
    code: 'NO_ENTRY_PACKAGE',
    message:
      above === undefined ? 'The program has no file to begin a scan at' : `There is no package.json above '${above}'`,
    path: ['in a scan for features'],
    fix: "name the features, as Backend.start({ features: [...] }), or the folder of a package, as { root: '...' }.",
  });
}

/** The folder above, `undefined` at the top. */
export function parentOf(folder: string): string | undefined {
  const parent = dirname(folder);
  return parent === folder ? undefined : parent;
}

/** A package.json that only says how the files beside it are to be read, as compilers put it beside their output. */
function isMarker(manifest: PackageManifest): boolean {
  return manifest.name === undefined && manifest.dependencies === undefined && manifest.backplane === undefined;
}

/** Node also takes a program's path without its extension, or that of its folder. */
function realFile(path: string): string {
  try {
    return realpathSync(createRequire(join(resolve(path), '..', 'x.js')).resolve(resolve(path)));
  } catch {
    return resolve(path);
  }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
