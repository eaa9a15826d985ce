import { readdirSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import type { EntryPackage } from './entry-package.js';
import type { FoundFiles } from './found-files.js';

const foldersWithoutFeatures = new Set(['migrations', 'node_modules', '__tests__']);

/**
 * The modules in a folder of the program's package and below, sorted by path.
 *
 * Left out is what a scan must not import: what starts the program, specs, declarations, migrations, hidden files, and
 * what symbolic links lead to; TypeScript sources only count where the program itself runs from such.
 */
export function scanFolder(entry: EntryPackage, folder: string): FoundFiles {
  const path = resolve(entry.folder, folder);
  const problem = isAbsolute(folder) ? outside(folder) : checkFolder(entry.folder, path, folder);
  if (problem) return { files: [], problems: [problem] };
  const paths = [...modulesBelow(path, entry.typescript)].filter(file => !entry.entries.has(file));
  return {
    files: paths.map(file => ({ specifier: shortPath(entry.folder, file), file })),
    problems: [],
    searched: `the folder ${path}`,
  };
}

function* modulesBelow(folder: string, typescript: boolean): Generator<string> {
  const items = readdirSync(folder, { withFileTypes: true });
  const names = new Set(items.map(item => item.name));
  for (const item of items.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (item.name.startsWith('.')) continue;
    const path = join(folder, item.name);
    if (item.isDirectory() && !foldersWithoutFeatures.has(item.name)) yield* modulesBelow(path, typescript);
    if (item.isFile() && isModule(item.name, names, typescript)) yield path;
  }
}

function isModule(name: string, siblings: ReadonlySet<string>, typescript: boolean): boolean {
  if (/\.(?:spec|test|d)\./.test(name)) return false;
  if (/\.m?ts$/.test(name)) return typescript;
  // Beside its source, a compiled file is the same module once more.
  return /\.m?js$/.test(name) && !(typescript && siblings.has(name.replace(/js$/, 'ts')));
}

function checkFolder(root: string, path: string, folder: string): Problem | undefined {
  try {
    const real = realpathSync(path);
    if (real !== path || (real !== root && !real.startsWith(root + sep))) return outside(folder);
    return statSync(path).isDirectory() ? undefined : notFound(root, path, folder);
  } catch (error) {
    return notFound(root, path, folder, error);
  }
}

function outside(folder: string): Problem {
  return {
    code: 'FOLDER_OUTSIDE_PACKAGE',
    message: `The folder '${folder}' is to be scanned, but lies outside of the program's package`,
    path: ['in a scan for features'],
    fix: "name a folder of the package, relative to its package.json and without symbolic links, as 'dist/features'.",
  };
}

function notFound(root: string, path: string, folder: string, cause?: unknown): Problem {
  const meant = closest(
    shortPath(root, path),
    foldersBeside(path).map(other => shortPath(root, other)),
  );
  return {
    code: 'FOLDER_NOT_FOUND',
    message: `The folder '${folder}' is to be scanned, but is not there`,
    path: ['in a scan for features', `-> ${path}`],
    fix: meant === undefined ? 'build the package, or correct the path.' : `did you mean '${meant}'?`,
    cause,
  };
}

function foldersBeside(path: string): string[] {
  try {
    const items = readdirSync(join(path, '..'), { withFileTypes: true });
    return items.filter(item => item.isDirectory()).map(item => join(path, '..', item.name));
  } catch {
    return [];
  }
}

function shortPath(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}
