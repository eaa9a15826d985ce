import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import type { EntryPackage } from './entry-package.js';
import type { FoundFiles } from './found-files.js';
import { findInstalledPackage, type InstalledPackage } from './installed-package.js';
import { entryOfPackage } from './package-entry.js';
import { stringsOf } from './package-manifest.js';
import { missingRole, readRole } from './package-role.js';

/** Which packages are scanned: all dependencies, or those of a list, in its order. */
export type PackageSelection = 'all' | { readonly include?: readonly string[]; readonly exclude?: readonly string[] };

/**
 * The packages with features that the program depends on, in the order of its `dependencies`.
 *
 * A dependency is one where the program's package.json says so and whose package.json has a `backplane.role` for it.
 * What was named in `include` but cannot be found, or is none, is a problem.
 */
export function scanPackages(entry: EntryPackage, selection: PackageSelection = 'all'): FoundFiles {
  const { include, exclude = [] } = selection === 'all' ? {} : selection;
  const names = include ?? stringsOf(entry.manifest.dependencies).keys();
  const found: FoundFiles = { files: [], problems: [], searched: `the dependencies of ${entry.folder}/package.json` };
  for (const name of new Set(names)) {
    if (exclude.includes(name)) continue;
    const file = inspect(name, entry, include !== undefined);
    if (typeof file === 'string') found.files.push({ specifier: name, file });
    else if (file) found.problems.push(file);
  }
  return found;
}

/** The file to import, a problem, or `undefined` where the package has no features and nobody said it had. */
function inspect(name: string, entry: EntryPackage, named: boolean): string | Problem | undefined {
  const declared = declarationsOf(entry);
  if (named && !declared.has(name)) return undeclared(name, declared.keys());
  try {
    const found = findInstalledPackage(name, entry.folder);
    if (!found)
      return stringsOf(entry.manifest.optionalDependencies).has(name) && !named ? undefined : notInstalled(name);
    const role = readRole(name, found.manifest);
    if (typeof role === 'object') return role;
    if (!role) return named ? missingRole(name) : undefined;
    return (
      trustProblem(name, declared.get(name), found) ??
      entryOfPackage(found.folder, found.manifest) ??
      noEntry(name, found)
    );
  } catch (error) {
    if (error instanceof BackplaneError)
      return { ...error.problem, path: [`in package '${name}'`, ...error.problem.path] };
    throw error;
  }
}

/** What the program's package.json says it uses, with the version it asks for. */
function declarationsOf({ manifest }: EntryPackage): Map<string, string> {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  return new Map(
    [dependencies, devDependencies, optionalDependencies, peerDependencies].flatMap(d => [...stringsOf(d)]),
  );
}

/** Why a package that looks like one with features is not imported all the same. */
function trustProblem(name: string, version: string | undefined, found: InstalledPackage): Problem | undefined {
  // An alias says itself what the package is called: "npm:<name>@<version>".
  const expected = /^npm:(@?[^@]+)/.exec(version ?? '')?.[1] ?? name;
  if (found.manifest.name !== expected) {
    return {
      code: 'PACKAGE_NAME_MISMATCH',
      message: `What is installed as '${name}' calls itself ${JSON.stringify(found.manifest.name)}`,
      path: [`in package '${name}' (${found.folder})`],
      fix: 'install the package again, and make the name in its package.json the one it is depended on by.',
    };
  }
  if (found.insideApp) return undefined;
  return {
    code: 'PACKAGE_OUTSIDE_APP',
    message: `Package '${name}' lies outside of the program, in '${found.folder}'`,
    path: [`in package '${name}' (${found.folder})`],
    fix: "install it, or make it a workspace of the program; or import it and name its classes in 'features'.",
  };
}

function undeclared(name: string, declared: Iterable<string>): Problem {
  const meant = closest(name, declared);
  return notFound(
    `Package '${name}' is to be scanned, but the program does not depend on it`,
    meant === undefined ? `add '${name}' to "dependencies" and install it.` : `did you mean '${meant}'?`,
  );
}

function notInstalled(name: string): Problem {
  return notFound(`Package '${name}' is not installed`, `run npm install, or remove '${name}' from "dependencies".`);
}

function notFound(message: string, fix: string): Problem {
  return { code: 'PACKAGE_NOT_FOUND', message, path: ['in a scan for features'], fix };
}

function noEntry(name: string, { folder }: InstalledPackage): Problem {
  return {
    code: 'PACKAGE_WITHOUT_ENTRY',
    message: `Package '${name}' has no file that import '${name}' could load`,
    path: [`in package '${name}' (${folder})`],
    fix: `build the package, or correct "exports" or "main" in its package.json.`,
  };
}
