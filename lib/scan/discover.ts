import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import { isObject } from '../util/is-object.js';
import { findEntryPackage, type EntryPackage } from './entry-package.js';
import type { FoundFiles } from './found-files.js';
import { importWithDeadline } from './import-feature.js';
import { scanFolder } from './scan-folder.js';
import { scanPackages, type PackageSelection } from './scan-packages.js';

/** A module that may export features. */
export interface FeatureSource {
  /** The name of the package, or the file relative to the program's package: how people call it. */
  readonly specifier: string;
  /** The real path of what is imported. */
  readonly file: string;
  /** Imports it. Rejects with a `BackplaneError`, at the latest after the deadline. */
  load(): Promise<unknown>;
}

export interface DiscoverOptions {
  /** The file the program was started with. Default: `process.argv[1]`. */
  readonly entry?: string;
  /** A folder in the program's package. Default: that of `entry`. */
  readonly folder?: string;
  readonly scan?: {
    /** Folders of the program's package. Default: the one its `backplane.features` names. */
    readonly folders?: readonly string[];
    /** Default: every dependency with a `backplane.role`. */
    readonly packages?: PackageSelection;
  };
  /** How long an import may take, in ms. Default 10,000. */
  readonly importTimeout?: number;
}

export interface Discovery {
  readonly sources: FeatureSource[];
  readonly problems: Problem[];
  /** Where it has looked, as people call it. */
  readonly searched: readonly string[];
}

/**
 * Finds what a backend consists of where nobody names it: packages the program depends on, then modules in its own
 * folders. Imports nothing; everything that is wrong is a problem.
 */
export async function discover({
  entry = process.argv[1],
  folder,
  scan = {},
  importTimeout = 10_000,
}: DiscoverOptions = {}): Promise<Discovery> {
  const problems: Problem[] = [];
  const sources = new Map<string, FeatureSource>();
  const searched: string[] = [];
  for (const found of findFiles(entry, folder, scan)) {
    if (found.searched !== undefined) searched.push(found.searched);
    problems.push(...found.problems);
    for (const { specifier, file } of found.files) {
      if (sources.has(file)) continue;
      sources.set(file, { specifier, file, load: () => importWithDeadline(file, specifier, importTimeout) });
    }
  }
  return { sources: [...sources.values()], problems, searched };
}

function findFiles(
  entry: string | undefined,
  folder: string | undefined,
  scan: NonNullable<DiscoverOptions['scan']>,
): FoundFiles[] {
  try {
    const program = findEntryPackage(entry, folder);
    const folders = scan.folders ?? featuresFolder(program);
    if (!isStrings(folders)) return [scanPackages(program, scan.packages), invalidFolder(program)];
    return [scanPackages(program, scan.packages), ...folders.map(path => scanFolder(program, path))];
  } catch (error) {
    if (error instanceof BackplaneError) return [{ files: [], problems: [error.problem] }];
    throw error;
  }
}

function featuresFolder({ manifest }: EntryPackage): readonly unknown[] {
  const features = isObject(manifest.backplane) ? manifest.backplane['features'] : undefined;
  return features === undefined ? [] : [features];
}

function isStrings(values: readonly unknown[]): values is readonly string[] {
  return values.every(value => typeof value === 'string');
}

function invalidFolder({ folder }: EntryPackage): FoundFiles {
  const problem: Problem = {
    code: 'INVALID_FEATURES_FOLDER',
    message: "'backplane.features' is not the path of a folder",
    path: [`in ${folder}/package.json`],
    fix: `write the path of a folder, relative to the package.json, as "features": "dist/features".`,
  };
  return { files: [], problems: [problem] };
}
