import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pluginView } from '../../../lib/api/plugin-view.js';
import type { Problem } from '../../../lib/errors/problem.js';
import type { RootConfig } from '../../../lib/services/config/root-config.js';
import { ConfigReloader } from '../../../lib/services/config/config-reloader.js';
import { ConfigStore } from '../../../lib/services/config/config-store.js';
import { ConfigWatcher } from '../../../lib/services/config/config-watcher.js';
import { readPlainConfiguration } from '../../../lib/services/config/read-configuration.js';
import { ConfigFolder } from './config-folder.js';

/** Longer than a reload takes to notice, read and tell: what has not happened by then does not happen. */
const quiet = 500;

describe('A watched configuration', () => {
  let folder: ConfigFolder;
  let warnings: Problem[];

  beforeEach(() => {
    folder = new ConfigFolder({ 'app-config.yaml': 'a: 1\nb: { c: 1 }\n' });
    warnings = [];
  });

  afterEach(() => folder[Symbol.dispose]());

  async function load(options: Parameters<ConfigFolder['load']>[0] = {}): Promise<RootConfig> {
    const loaded = await folder.load({ watch: true, onWarning: warning => warnings.push(warning), ...options });
    expect(loaded.problems).to.deep.equal([]);
    // The folders are watched from now on.
    await sleep(50);
    return loaded.config;
  }

  it('is read again when a file changes, and its sections with it', async () => {
    const config = await load();
    const section = config.getConfig('b');

    folder.write('app-config.yaml', 'a: 2\nb: { c: 2 }\n');
    await until(() => config.getNumber('a') === 2);

    expect(section.getNumber('c')).to.equal(2);
  });

  it('tells subscribers only of what they can see', async () => {
    const config = await load();
    const told: string[] = [];
    const view = config[pluginView]({ pluginId: 'b', configKeys: [] });
    config.subscribe(() => told.push('all'));
    view.subscribe(() => told.push('b'));

    folder.write('app-config.yaml', 'a: 2\nb: { c: 1 }\n');
    await until(() => config.getNumber('a') === 2);
    folder.write('app-config.yaml', 'a: 2\nb: { c: 2 }\n');
    await until(() => config.getNumber('b.c') === 2);

    expect(told).to.deep.equal(['all', 'all', 'b']);
  });

  it('tells nobody where only comments, places and the order of keys change', async () => {
    const config = await load();
    let told = 0;
    config.subscribe(() => told++);

    folder.write('app-config.yaml', '# moved\nb: { c: 1 }\na: 1\n');
    await until(() => config.placeOf('a') === 'app-config.yaml:3:4');

    expect(told).to.equal(0);
  });

  it('tells nobody who has unsubscribed, and nobody once it is disposed', async () => {
    const config = await load();
    let told = 0;
    let toldOther = 0;
    const subscription = config.subscribe(() => told++);
    config.subscribe(() => toldOther++);

    subscription.unsubscribe();
    folder.write('app-config.yaml', 'a: 2\n');
    await until(() => toldOther === 1);
    config[Symbol.dispose]();
    folder.write('app-config.yaml', 'a: 3\n');
    await sleep(quiet);

    expect([told, toldOther, config.getNumber('a')]).to.deep.equal([0, 1, 2]);
  });

  it('survives a broken edit: keeps the last good one, says so, and recovers', async () => {
    const config = await load();

    folder.write('app-config.yaml', 'a: 2\nb:\n\tc: hunter2\n');
    await until(() => warnings.length > 0);
    const kept = config.get();
    folder.write('app-config.yaml', 'a: 3\n');
    await until(() => config.getNumber('a') === 3);

    expect(kept).to.deep.equal({ a: 1, b: { c: 1 } });
    expect(warnings[0]!.message).to.equal(
      'The changed configuration cannot be used, for 1 reason; the last good one stays',
    );
    expect(warnings.map(({ code, path }) => [code, path])).to.deep.equal([
      ['CONFIG_NOT_RELOADED', []],
      ['CONFIG_FILE', ['in app-config.yaml:3:1']],
    ]);
  });

  it('survives an edit that breaks a schema', async () => {
    const config = await load({ schemas: [{ packageName: 'x', schema: { properties: { a: { type: 'number' } } } }] });

    folder.write('app-config.yaml', 'a: text\n');
    await until(() => warnings.length === 2);

    expect(warnings[1]).to.include({ code: 'INVALID_CONFIG' });
    expect(config.getNumber('a')).to.equal(1);
  });

  it('reports each new deprecated key once', async () => {
    const schema = { properties: { old: { deprecated: true }, older: { deprecated: true } } };
    folder.write('app-config.yaml', 'a: 1\nold: 1\n');
    const config = await load({ schemas: [{ packageName: 'x', schema }] });

    folder.write('app-config.yaml', 'a: 2\nold: 1\nolder: 1\n');
    await until(() => config.getNumber('a') === 2);
    folder.write('app-config.yaml', 'a: 3\nold: 1\nolder: 1\n');
    await until(() => config.getNumber('a') === 3);

    expect(warnings.map(({ message }) => message)).to.deep.equal(["Configuration key 'older' is deprecated"]);
  });

  it('reports a subscriber that throws or rejects, and tells the others', async () => {
    const config = await load();
    let told = 0;
    config.subscribe(() => {
      throw new Error('thrown');
    });
    config.subscribe(() => Promise.reject(new Error('rejected')) as never);
    config.subscribe(() => told++);

    folder.write('app-config.yaml', 'a: 2\n');
    await until(() => warnings.length === 2);

    expect(told).to.equal(1);
    expect(warnings.map(({ code, cause }) => [code, String(cause)])).to.deep.equal([
      ['CONFIG_SUBSCRIBER_FAILED', 'Error: thrown'],
      ['CONFIG_SUBSCRIBER_FAILED', 'Error: rejected'],
    ]);
  });

  it('notices a file that an editor replaces, several times', async () => {
    const config = await load();

    for (const value of [2, 3, 4]) {
      folder.write('.app-config.yaml.swp', `a: ${value}\n`);
      renameSync(join(folder.path, '.app-config.yaml.swp'), join(folder.path, 'app-config.yaml'));
      await until(() => config.getNumber('a') === value);
    }

    expect(warnings).to.deep.equal([]);
  });

  it('keeps the last good one while the file is away or empty, and recovers', async () => {
    const config = await load();
    const file = join(folder.path, 'app-config.yaml');

    unlinkSync(file);
    await until(() => warnings.length === 2);
    folder.write('app-config.yaml', '\n');
    await until(() => warnings.length === 4);
    const kept = config.get();
    folder.write('app-config.yaml', 'a: 2\n');
    await until(() => config.getNumber('a') === 2);

    expect(kept).to.deep.equal({ a: 1, b: { c: 1 } });
    expect([warnings[1]!.message, warnings[3]!.message]).to.deep.equal([
      "Configuration file 'app-config.yaml' does not exist",
      "Configuration file 'app-config.yaml' has become empty",
    ]);
  });

  it('notices optional files that come and go', async () => {
    const config = await load();

    folder.write('app-config.local.yaml', 'a: 2\n');
    await until(() => config.getNumber('a') === 2);
    unlinkSync(join(folder.path, 'app-config.local.yaml'));
    await until(() => config.getNumber('a') === 1);

    expect(warnings).to.deep.equal([]);
  });

  it('notices what files include, in other folders too, and includes that come with an edit', async () => {
    folder.write('secrets/token.txt', 'one');
    folder.write('parts/b.yaml', 'c: 10\n');
    folder.write('app-config.yaml', 'a: { $file: secrets/token.txt }\n');
    const config = await load();

    folder.write('secrets/token.txt', 'two');
    await until(() => config.getString('a') === 'two');
    folder.write('app-config.yaml', 'a: { $file: secrets/token.txt }\nb: { $include: parts/b.yaml }\n');
    await until(() => config.getOptionalNumber('b.c') === 10);
    await sleep(50);
    folder.write('parts/b.yaml', 'c: 11\n');
    await until(() => config.getOptionalNumber('b.c') === 11);

    expect(warnings).to.deep.equal([]);
  });

  it('waits for an included file that is missing', async () => {
    const config = await load();

    folder.write('app-config.yaml', 'a: { $file: later.txt }\n');
    await until(() => warnings.length === 2);
    folder.write('later.txt', 'here');
    await until(() => config.getOptional('a') === 'here');
  });

  it('notices a folder that is mounted over a link, as Kubernetes does', async () => {
    folder.write('v1/app-config.yaml', 'a: 1\n');
    folder.write('v2/app-config.yaml', 'a: 2\n');
    folder.write('mount/x', '');
    symlinkSync('../v1', join(folder.path, 'mount/..data'));
    symlinkSync('..data/app-config.yaml', join(folder.path, 'mount/app-config.yaml'));
    const config = await load({ root: join(folder.path, 'mount') });

    symlinkSync('../v2', join(folder.path, 'mount/..next'));
    renameSync(join(folder.path, 'mount/..next'), join(folder.path, 'mount/..data'));
    await until(() => config.getNumber('a') === 2);
  });

  it('is not watched unless that is asked for, nor where it is broken', async () => {
    const { config } = await folder.load();
    folder.write('broken.yaml', 'a: [');
    const broken = await folder.load({
      config: 'broken.yaml',
      watch: true,
      onWarning: warning => warnings.push(warning),
    });

    folder.write('app-config.yaml', 'a: 2\n');
    folder.write('broken.yaml', 'a: 2\n');
    await sleep(quiet);

    expect([config.getNumber('a'), broken.config.get()]).to.deep.equal([1, {}]);
  });

  it('keeps no process alive', () => {
    const module = new URL('../../../lib/services/config/load-configuration.js', import.meta.url).href;
    const program = `const { loadConfiguration } = await import('${module}');
      await loadConfiguration({ root: process.cwd(), env: {}, watch: true });`;

    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder.path,
      encoding: 'utf8',
      timeout: 10_000,
    });

    expect([status, stderr]).to.deep.equal([0, '']);
  });
});

describe('ConfigReloader', () => {
  it('says and changes nothing after it is disposed, also when it is reading', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const path = join(folder.path, 'file');
    const warnings: Problem[] = [];
    const problem = { code: 'CONFIG_FILE', message: 'broken', path: [], fix: 'mend it.' };
    const first = { ...readPlainConfiguration({ a: 1 }), files: new Map([[path, 'something else']]) };
    const answers = [{ ...first, problems: [problem] }, readPlainConfiguration({ a: 2 })];

    for (const answer of answers) {
      const store = new ConfigStore(first.tree, [], warning => warnings.push(warning));
      let isReading = false;
      const gate = new EventEmitter();
      const answered = once(gate, 'answer').then(() => ({ ...first, ...answer }));
      const reloader = new ConfigReloader(store, first, () => ((isReading = true), answered));
      await until(() => isReading);

      reloader[Symbol.dispose]();
      gate.emit('answer');
      await sleep(20);

      expect([warnings, store.tree === first.tree]).to.deep.equal([[], true]);
    }
  });
});

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
    await until(() => reloads === 1);
    await sleep(150);
    folder.write('sub/file', 'longer');
    await until(() => reloads === 2);
  });

  it('waits until what changes many times is at rest', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const file = join(folder.path, 'file');
    let reloads = 0;
    folder.use(
      new ConfigWatcher({ files: await lookAt(file), debounce: 200, reload: async () => (reloads++, lookAt(file)) }),
    );
    await sleep(50);

    for (let i = 0; i < 10; i++) {
      folder.write('file', 'x'.repeat(i + 2));
      await sleep(30);
    }
    const early = reloads;
    await until(() => reloads > 0);
    await sleep(300);

    expect([early, reloads]).to.deep.equal([0, 1]);
  });

  it('reads after a while what never stops changing', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const file = join(folder.path, 'file');
    let reloads = 0;
    folder.use(
      new ConfigWatcher({
        files: await lookAt(file),
        debounce: 50,
        reload: async () => (reloads++, lookAt(file)),
      }),
    );
    await sleep(50);

    for (let i = 0; i < 60; i++) {
      folder.write('file', 'x'.repeat(i + 2));
      await sleep(20);
    }

    expect(reloads).to.be.greaterThan(0);
  });

  it('is not kept waiting by another file of the folder that never stops changing', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const file = join(folder.path, 'file');
    let reloads = 0;
    folder.use(new ConfigWatcher({ files: await lookAt(file), reload: async () => (reloads++, lookAt(file)) }));
    await sleep(50);

    folder.write('file', 'longer');
    for (const end = Date.now() + 600; Date.now() < end; await sleep(5)) folder.write('other', String(Date.now()));

    expect(reloads).to.equal(1);
  });

  it('does not read for other files of the folder', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const file = join(folder.path, 'file');
    let reloads = 0;
    folder.use(
      new ConfigWatcher({
        files: await lookAt(file),
        debounce: 10,
        reload: async () => (reloads++, lookAt(file)),
      }),
    );
    await sleep(50);

    folder.write('other', 'x');
    await sleep(quiet);

    expect(reloads).to.equal(0);
  });

  itOnLinux(
    'watches each folder once, lets go of those that have no more files, and of all when disposed',
    async () => {
      using folder = new ConfigFolder({ 'a/1': 'x', 'a/2': 'x', 'b/3': 'x' });
      const files = await Promise.all(['a/1', 'a/2', 'b/3'].map(name => lookAt(join(folder.path, name))));
      const before = watches();
      const watcher = folder.use(
        new ConfigWatcher({
          files: new Map(files.flatMap(file => [...file])),
          debounce: 10,
          reload: () => lookAt(join(folder.path, 'a/1')),
        }),
      );

      await until(() => watches() === before + 2);
      folder.write('b/3', 'longer');
      await until(() => watches() === before + 1);
      watcher[Symbol.dispose]();

      expect(watches()).to.equal(before);
    },
  );

  itOnLinux('watches nothing when it is disposed before it has begun', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const before = watches();

    new ConfigWatcher({ files: await lookAt(join(folder.path, 'file')), reload: async () => new Map() })[
      Symbol.dispose
    ]();
    await sleep(100);

    expect(watches()).to.equal(before);
  });

  itOnLinux('watches a folder again that was removed and came back', async () => {
    using folder = new ConfigFolder({ 'sub/file': 'x' });
    const file = join(folder.path, 'sub/file');
    const before = watches();
    folder.use(
      new ConfigWatcher({ files: await lookAt(file), debounce: 10, interval: 100, reload: () => lookAt(file) }),
    );
    await until(() => watches() === before + 1);

    rmSync(join(folder.path, 'sub'), { recursive: true });
    folder.write('sub/file', 'y');

    await until(() => watches() === before + 1);
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
        files: await lookAt(file),
        debounce: 10,
        reload: async () => {
          const seen = await lookAt(file);
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
    await until(() => running === 1);
    await sleep(20);
    folder.write('file', 'still longer');
    await until(() => reloads === 2);

    expect(most).to.equal(1);
  });
});

async function lookAt(file: string): Promise<ReadonlyMap<string, string>> {
  const { ConfigFiles } = await import('../../../lib/services/config/config-files.js');
  const files = new ConfigFiles('/');
  files.read(file);
  return files.seen;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 4000; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error(`Not within 4 s: ${condition.toString()}`);
  }
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
