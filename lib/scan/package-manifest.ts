import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackplaneError } from '../errors/backplane-error.js';
import { isObject } from '../util/is-object.js';

/** A package.json. Nothing in it is known to be what it should be. */
export interface PackageManifest {
  readonly name?: unknown;
  readonly main?: unknown;
  readonly bin?: unknown;
  readonly exports?: unknown;
  readonly workspaces?: unknown;
  readonly dependencies?: unknown;
  readonly devDependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly peerDependencies?: unknown;
  readonly backplane?: unknown;
}

/**
 * The package.json in `folder`, or `undefined` where there is none.
 *
 * Throws a `BackplaneError` with code `INVALID_PACKAGE_JSON` where it cannot be read or holds no object.
 */
export function readManifest(folder: string): PackageManifest | undefined {
  const file = join(folder, 'package.json');
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isObject(manifest)) return manifest;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw invalid(file, error);
  }
  throw invalid(file);
}

/** The values of an object of strings; whatever else is in `value` counts as absent. */
export function stringsOf(value: unknown): Map<string, string> {
  const entries = isObject(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function invalid(file: string, cause?: unknown): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_PACKAGE_JSON',
    message: `'${file}' cannot be read as a package.json`,
    path: [`in ${file}`],
    fix: 'make it a readable file that holds one JSON object.',
    cause,
  });
}
