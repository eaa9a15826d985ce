import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repository } from './program.js';

interface LockedPackage {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The framework as `npm publish` would publish it, installed in a folder outside of the repository. */
export class PackedPackage implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'backplane-packed-')));
  /** What the package holds. */
  readonly files: readonly string[];

  constructor() {
    const [packed] = JSON.parse(
      this.#npm('pack', '--ignore-scripts', '--json', '--pack-destination', this.folder, repository),
    ) as { filename: string; files: { path: string }[] }[];
    this.files = packed!.files.map(({ path }) => path);
    const dependencies = { backplane: `file:${packed!.filename}` };
    this.write('package.json', JSON.stringify({ name: 'user', version: '1.0.0', type: 'module', dependencies }));
    this.write('package-lock.json', JSON.stringify(lockOf(dependencies)));
    this.#npm('ci', '--prefer-offline', '--no-audit', '--no-fund');
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** The standard output of a program of Node. Throws, with all it printed, where it fails. */
  run(...args: readonly string[]): string {
    return execute(process.execPath, args, this.folder);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #npm(...args: readonly string[]): string {
    return execute('npm', args, this.folder);
  }
}

function execute(command: string, args: readonly string[], cwd: string): string {
  const { NODE_ENV: _, ...env } = process.env;
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', timeout: 60_000, stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** The versions that the repository has installed, so that npm has what it installs at hand. */
function lockOf(dependencies: Readonly<Record<string, string>>): object {
  const { packages } = json('package-lock.json') as { packages: Record<string, LockedPackage> };
  const { version, dependencies: needed, bin } = json('package.json') as Manifest;
  const locked: Record<string, object> = {
    '': { name: 'user', version: '1.0.0', dependencies },
    'node_modules/backplane': { version, resolved: dependencies['backplane'], dependencies: needed, bin },
  };
  const open = Object.keys(needed);
  for (const name of open) {
    const { dev: _, ...entry } = packages[`node_modules/${name}`]!;
    locked[`node_modules/${name}`] = entry;
    open.push(...Object.keys(entry.dependencies ?? {}).filter(next => !open.includes(next)));
  }
  return { name: 'user', version: '1.0.0', lockfileVersion: 3, requires: true, packages: locked };
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(`${repository}${path}`, 'utf8'));
}
