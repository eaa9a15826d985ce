import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { isObject } from '../util/is-object.js';
import { stringsOf, type PackageManifest } from './package-manifest.js';

/**
 * The real path of the file that `import '<package>'` loads, or `undefined` where the package has none.
 *
 * Follows Node's rules for `exports` and `main`. Asked of the folder and not of Node, since Node resolves for the file
 * that asks, and that file is ours and not the program's.
 */
export function entryOfPackage(folder: string, { exports, main }: PackageManifest): string | undefined {
  if (exports !== undefined && exports !== null) {
    const target = targetOf(isSubpaths(exports) ? exports['.'] : exports, activeConditions());
    return target?.startsWith('./') ? realFile(folder, target) : undefined;
  }
  const named = typeof main === 'string' ? [main, `${main}.js`, join(main, 'index.js')] : [];
  return firstFile(folder, [...named, 'index.js']);
}

/** The real paths of the files a package names as those that start it. */
export function mainFilesOf(folder: string, manifest: PackageManifest): string[] {
  const { bin } = manifest;
  const programs = typeof bin === 'string' ? [bin] : [...stringsOf(bin).values()];
  const files = [
    entryOfPackage(folder, manifest),
    ...programs.map(program => firstFile(folder, [program, `${program}.js`])),
  ];
  return files.filter(file => file !== undefined);
}

function isSubpaths(exports: unknown): exports is Record<string, unknown> {
  return isObject(exports) && Object.keys(exports).some(key => key.startsWith('.'));
}

/** The first target whose condition holds. `null` says that there is none, whatever follows. */
function targetOf(target: unknown, conditions: ReadonlySet<string>): string | undefined {
  return firstTarget(target, conditions) ?? undefined;
}

function firstTarget(target: unknown, conditions: ReadonlySet<string>): string | null | undefined {
  if (typeof target === 'string' || target === null) return target;
  if (Array.isArray(target)) {
    for (const item of target as unknown[]) {
      const found = firstTarget(item, conditions);
      if (typeof found === 'string') return found;
    }
    return undefined;
  }
  if (!isObject(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (!conditions.has(condition)) continue;
    const found = firstTarget(value, conditions);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Those of every import, and those the process was started with: `-C name`, `--conditions=name`. */
function activeConditions(): ReadonlySet<string> {
  const conditions = new Set(['node', 'import', 'default']);
  if ('require_module' in process.features) conditions.add('module-sync');
  const options = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  for (const [index, option] of options.entries()) {
    const named = /^(?:-C|--conditions)(?:=(.+))?$/.exec(option);
    const condition = named && (named[1] ?? options[index + 1]);
    if (condition) conditions.add(condition);
  }
  return conditions;
}

function firstFile(folder: string, paths: readonly string[]): string | undefined {
  return paths.map(path => realFile(folder, path)).find(file => file !== undefined);
}

/** The real path of a file that exists and lies in `folder`. */
function realFile(folder: string, path: string): string | undefined {
  try {
    const file = realpathSync(join(folder, path));
    return file.startsWith(folder + sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
