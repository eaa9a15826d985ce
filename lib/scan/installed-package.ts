import { existsSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { BackplaneError } from '../errors/backplane-error.js';
import { parentOf } from './entry-package.js';
import { readManifest, type PackageManifest } from './package-manifest.js';

/** A package as Node finds it for the program: in the closest `node_modules` folder at or above the program's own. */
export interface InstalledPackage {
  /** A real path: links of workspaces are followed. */
  readonly folder: string;
  readonly manifest: PackageManifest;
  /** Whether it lies where the program's own packages do, and not anywhere on the machine that a link leads to. */
  readonly insideApp: boolean;
}

/**
 * The package that `from` gets when it imports `name`. Packages that lie within others are never found.
 *
 * Throws a `BackplaneError` with code `INVALID_PACKAGE_JSON`.
 */
export function findInstalledPackage(name: string, from: string): InstalledPackage | undefined {
  if (!isPackageName(name)) return undefined;
  for (let current: string | undefined = from; current !== undefined; current = parentOf(current)) {
    const link = join(current, 'node_modules', name);
    if (!existsSync(join(link, 'package.json'))) continue;
    const folder = realpathSync(link);
    const manifest = readManifest(folder);
    if (manifest)
      return { folder, manifest, insideApp: isBelow(folder, current) || isBelow(folder, workspacesAbove(from)) };
  }
  return undefined;
}

/** `name` comes from configuration: it must not lead anywhere else. */
function isPackageName(name: string): boolean {
  return /^(?:@[\w.~-]+\/)?[\w.~-]+$/.test(name) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(name) && name !== 'node_modules';
}

/** The folder of the workspaces that the program belongs to. */
function workspacesAbove(from: string): string | undefined {
  for (let current: string | undefined = from; current !== undefined; current = parentOf(current)) {
    if (existsSync(join(current, 'pnpm-workspace.yaml')) || hasWorkspaces(current)) return current;
  }
  return undefined;
}

function hasWorkspaces(folder: string): boolean {
  try {
    return readManifest(folder)?.workspaces !== undefined;
  } catch (error) {
    // A broken package.json above the program is not the program's problem.
    if (error instanceof BackplaneError) return false;
    throw error;
  }
}

function isBelow(path: string, folder: string | undefined): boolean {
  return folder !== undefined && path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
