import { expect } from 'chai';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigFiles } from '../../../lib/services/config/config-files.js';
import { ConfigWatcher } from '../../../lib/services/config/config-watcher.js';
import { until } from '../../faults/harness/until.js';
import { ConfigFolder } from './config-folder.js';

/** Longer than a reload takes to notice, read and tell: what has not happened by then does not happen. */
const quiet = 500;

const itOnLinux = process.platform === 'linux' ? it : () => undefined;

describe('ConfigWatcher', () => {
  it('notices by looking what the system does not report, as a folder that is removed and comes back', async () => {
    using folder = new ConfigFolder();
    const path = join(folder.path, 'sub');
    const file = join(path, 'file');
    mkdirSync(path);
    let reloads = 0;
    const files = new Map([[file, 'absent']]);
    folder.use(
      new ConfigWatcher({
        files,
        debounce: 10,
        interval: 100,
        reload: async () => (reloads++, lookAt(file)),
      }),
    );

    rmSync(path, { recursive: true });
    await sleep(250);
    folder.write('sub/file', 'x');
    await until('it has read', () => reloads === 1);
    await sleep(150);
    folder.write('sub/file', 'longer');
    await until('it has read', () => reloads === 2);
  });

  it('waits until what changes many times is at rest', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const watched = await watch(folder, { debounce: 200 });

    for (let i = 0; i < 10; i++) {
      folder.write('file', 'x'.repeat(i + 2));
      await sleep(30);
    }
    const early = watched.reloads;
    await until('it has read', () => watched.reloads > 0);
    await sleep(300);

    expect([early, watched.reloads]).to.deep.equal([0, 1]);
  });

  it('reads after a while what never stops changing', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const watched = await watch(folder, { debounce: 50 });

    for (let i = 0; i < 60; i++) {
      folder.write('file', 'x'.repeat(i + 2));
      await sleep(20);
    }

    expect(watched.reloads).to.be.greaterThan(0);
  });

  it('is not kept waiting by another file of the folder that never stops changing', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const watched = await watch(folder);

    folder.write('file', 'longer');
    for (const end = Date.now() + 600; Date.now() < end; await sleep(5)) folder.write('other', String(Date.now()));

    expect(watched.reloads).to.equal(1);
  });

  it('does not read for other files of the folder', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const watched = await watch(folder, { debounce: 10 });

    folder.write('other', 'x');
    await sleep(quiet);

    expect(watched.reloads).to.equal(0);
  });

  itOnLinux(
    'watches each folder once, lets go of those that have no more files, and of all when disposed',
    async () => {
      using folder = new ConfigFolder({ 'a/1': 'x', 'a/2': 'x', 'b/3': 'x' });
      const files = ['a/1', 'a/2', 'b/3'].map(name => lookAt(join(folder.path, name)));
      const before = watches();
      const watcher = folder.use(
        new ConfigWatcher({
          files: new Map(files.flatMap(file => [...file])),
          debounce: 10,
          reload: async () => lookAt(join(folder.path, 'a/1')),
        }),
      );

      await until('it watches the folders', () => watches() === before + 2);
      folder.write('b/3', 'longer');
      await until('it watches the folders', () => watches() === before + 1);
      watcher[Symbol.dispose]();

      expect(watches()).to.equal(before);
    },
  );

  itOnLinux('watches nothing when it is disposed before it has begun', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const before = watches();

    new ConfigWatcher({ files: lookAt(join(folder.path, 'file')), reload: async () => new Map() })[Symbol.dispose]();
    await sleep(100);

    expect(watches()).to.equal(before);
  });

  itOnLinux('watches a folder again that was removed and came back', async () => {
    using folder = new ConfigFolder({ 'sub/file': 'x' });
    const file = join(folder.path, 'sub/file');
    const before = watches();
    folder.use(
      new ConfigWatcher({ files: lookAt(file), debounce: 10, interval: 100, reload: async () => lookAt(file) }),
    );
    await until('it watches the folders', () => watches() === before + 1);

    rmSync(join(folder.path, 'sub'), { recursive: true });
    folder.write('sub/file', 'y');

    await until('it watches the folders', () => watches() === before + 1);
    await sleep(300);
    expect(watches()).to.equal(before + 1);
  });

  it('reads one time after the other, and again what changed meanwhile', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const file = join(folder.path, 'file');
    let running = 0;
    let most = 0;
    let reloads = 0;
    folder.use(
      new ConfigWatcher({
        files: lookAt(file),
        debounce: 10,
        reload: async () => {
          const seen = lookAt(file);
          most = Math.max(most, ++running);
          await sleep(200);
          running--;
          reloads++;
          return seen;
        },
      }),
    );
    await sleep(50);

    folder.write('file', 'longer');
    await until('it reads', () => running === 1);
    await sleep(20);
    folder.write('file', 'still longer');
    await until('it has read', () => reloads === 2);

    expect(most).to.equal(1);
  });
});

/** Watches the one file of a folder, and counts how often that is read again. */
async function watch(folder: ConfigFolder, options: { readonly debounce?: number } = {}) {
  const file = join(folder.path, 'file');
  const watched = { reloads: 0 };
  const reload = async () => (watched.reloads++, lookAt(file));
  folder.use(new ConfigWatcher({ files: lookAt(file), ...options, reload }));
  // The folder is watched from now on.
  await sleep(50);
  return watched;
}

/** What a reader of this file has seen. */
function lookAt(file: string): ReadonlyMap<string, string> {
  const files = new ConfigFiles('/');
  files.read(file);
  return files.seen;
}

/** How many folders Linux watches for this process; other systems do not say. */
function watches(): number {
  return readdirSync('/proc/self/fdinfo')
    .map(name => {
      try {
        return readFileSync(`/proc/self/fdinfo/${name}`, 'utf8').match(/^inotify /gm)?.length ?? 0;
      } catch {
        return 0;
      }
    })
    .reduce((sum, count) => sum + count, 0);
}
