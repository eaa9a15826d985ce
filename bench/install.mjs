import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Installs what the lockfile in `folder` says, where it is not there yet. The command and its output are shown. */
export function install(folder) {
  if (isInstalled(folder)) return;
  const shown = relative(process.cwd(), folder) || '.';
  process.stderr.write(`Installing the peers, once: npm ci --prefix ${shown}\n`);
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(`'npm ci --prefix ${shown}' failed.`, { cause: error });
}

function isInstalled(folder) {
  const { dependencies } = jsonOf(join(folder, 'package.json'));
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    return existsSync(manifest) && jsonOf(manifest).version === version;
  });
}

function jsonOf(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
