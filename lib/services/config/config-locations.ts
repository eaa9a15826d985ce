import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Problem } from '../../errors/problem.js';
import { closest } from '../../util/did-you-mean.js';

/**
 * A file of the configuration. One that is `named` must exist; the `main` one need not, but must not vanish while it is
 * watched; an `optional` one may come and go.
 */
export interface ConfigLocation {
  readonly file: string;
  readonly presence: 'named' | 'main' | 'optional';
}

/** Folders besides that of a configuration file from which it may take files, as `/run/secrets`. */
export function trustedFolders(env: NodeJS.ProcessEnv): string[] {
  return (env['BACKPLANE_CONFIG_FOLDERS'] ?? '').split(delimiter).filter(folder => folder !== '');
}

/**
 * The nearest folder with an `app-config.yaml`, from `start` up to the root of its workspace or repository; `start`
 * itself where there is none. Outside of a workspace only `start` counts: a file further up belongs to somebody else.
 */
export function configFolder(start: string): string {
  const folders = [start];
  for (let folder = start; !isWorkspaceRoot(folder);) {
    const parent = dirname(folder);
    if (parent === folder) return start;
    folders.push(parent);
    folder = parent;
  }
  return folders.find(folder => existsSync(join(folder, 'app-config.yaml'))) ?? start;
}

function isWorkspaceRoot(folder: string): boolean {
  if (existsSync(join(folder, '.git')) || existsSync(join(folder, 'pnpm-workspace.yaml'))) return true;
  try {
    return 'workspaces' in (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object);
  } catch {
    return false;
  }
}

/** The usual files, of which later ones win. */
export function usualLocations(folder: string, env: NodeJS.ProcessEnv, problems: Problem[]): ConfigLocation[] {
  const names = (env['BACKPLANE_ENV'] ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
  const path = ['in environment BACKPLANE_ENV'];
  const environments = names.filter(name => {
    if (/^[\w-]+(?:\.[\w-]+)*$/.test(name)) return true;
    const message = `BACKPLANE_ENV has '${name}', which is no name of an environment`;
    problems.push({ code: 'INVALID_CONFIG', message, path, fix: 'use letters, digits, dots and dashes.' });
    return false;
  });
  // Who names an environment means to run with what its file says, and not by chance without it.
  for (const name of environments) {
    if (filesOf(name).some(file => existsSync(join(folder, file)))) continue;
    const message = `BACKPLANE_ENV has '${name}', and there is no app-config.${name}.yaml`;
    const where = [...path, `-> looked for in ${folder}`];
    problems.push({ code: 'CONFIG_FILE', message, path: where, fix: fixOfAbsent(name, folder) });
  }
  const optional = [
    ...environments.map(name => filesOf(name)[0]),
    'app-config.local.yaml',
    ...environments.map(name => filesOf(name)[1]),
  ];
  return [
    { file: join(folder, 'app-config.yaml'), presence: 'main' },
    ...optional.map(name => ({ file: join(folder, name), presence: 'optional' as const })),
  ];
}

function filesOf(environment: string): readonly [string, string] {
  return [`app-config.${environment}.yaml`, `app-config.${environment}.local.yaml`];
}

function fixOfAbsent(name: string, folder: string): string {
  const near = closest(
    name,
    environmentsIn(folder).filter(one => one !== 'local'),
  );
  return near === undefined ? 'create it, or correct the name.' : `did you mean '${near}'? Otherwise create it.`;
}

/** Of a folder that may not be looked into none are known. */
function environmentsIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap(file => /^app-config\.(.+?)(?:\.local)?\.yaml$/.exec(file)?.[1] ?? []);
  } catch {
    return [];
  }
}

/** The files that `--config` names; relative ones to the working directory, as a shell completes them. */
export function commandLineLocations(argv: readonly string[], problems: Problem[]): ConfigLocation[] {
  const names: string[] = [];
  for (let i = 0; i < argv.length && argv[i] !== '--'; i++) {
    const argument = argv[i]!;
    if (argument.startsWith('--config=')) names.push(argument.slice('--config='.length));
    else if (argument === '--config') names.push(argv[++i] ?? '');
  }
  return namedLocations(names, process.cwd(), problems, '--config');
}

export function namedLocations(
  names: readonly string[],
  folder: string,
  problems: Problem[],
  origin: string,
): ConfigLocation[] {
  return names.flatMap(name => {
    if (name !== '' && !name.startsWith('-') && !/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
      return { file: resolve(folder, name), presence: 'named' as const };
    }
    const message = name === '' || name.startsWith('-') ? `${origin} names no file` : `${origin} names a URL`;
    problems.push({
      code: 'CONFIG_FILE',
      message,
      path: [`in ${origin}`],
      fix: 'write the path of a local file after it.',
    });
    return [];
  });
}
