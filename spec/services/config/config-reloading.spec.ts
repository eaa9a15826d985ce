import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pluginView } from '../../../lib/api/plugin-view.js';
import type { Problem } from '../../../lib/errors/problem.js';
import { until } from '../../faults/harness/until.js';
import { WatchedFolder } from './watched-folder.js';

/** Longer than a reload takes to notice, read and tell: what has not happened by then does not happen. */
const quiet = 500;

describe('A watched configuration', () => {
  let folder: WatchedFolder;
  let warnings: readonly Problem[];

  beforeEach(() => {
    folder = new WatchedFolder();
    ({ warnings } = folder);
  });
  afterEach(() => folder[Symbol.dispose]());

  it('is read again when a file changes, and its sections with it', async () => {
    const config = await folder.watch();
    const section = config.getConfig('b');

    folder.write('app-config.yaml', 'a: 2\nb: { c: 2 }\n');
    await until('the new value', () => config.getNumber('a') === 2);

    expect(section.getNumber('c')).to.equal(2);
  });

  it('tells subscribers only of what they can see', async () => {
    const config = await folder.watch();
    const told: string[] = [];
    const view = config[pluginView]({ pluginId: 'b', configKeys: [] });
    config.subscribe(() => told.push('all'));
    view.subscribe(() => told.push('b'));

    folder.write('app-config.yaml', 'a: 2\nb: { c: 1 }\n');
    await until('the new value', () => config.getNumber('a') === 2);
    folder.write('app-config.yaml', 'a: 2\nb: { c: 2 }\n');
    await until('the new value', () => config.getNumber('b.c') === 2);

    expect(told).to.deep.equal(['all', 'all', 'b']);
  });

  it('tells nobody where only comments, places and the order of keys change', async () => {
    const config = await folder.watch();
    let told = 0;
    config.subscribe(() => told++);

    folder.write('app-config.yaml', '# moved\nb: { c: 1 }\na: 1\n');
    await until('the new value', () => config.placeOf('a') === 'app-config.yaml:3:4');

    expect(told).to.equal(0);
  });

  it('tells nobody who has unsubscribed, and nobody once it is disposed', async () => {
    const config = await folder.watch();
    let told = 0;
    let toldOther = 0;
    const subscription = config.subscribe(() => told++);
    config.subscribe(() => toldOther++);

    subscription.unsubscribe();
    folder.write('app-config.yaml', 'a: 2\n');
    await until('the other one is told', () => toldOther === 1);
    config[Symbol.dispose]();
    folder.write('app-config.yaml', 'a: 3\n');
    await sleep(quiet);

    expect([told, toldOther, config.getNumber('a')]).to.deep.equal([0, 1, 2]);
  });

  it('survives a broken edit: keeps the last good one, says so, and recovers', async () => {
    const config = await folder.watch();

    folder.write('app-config.yaml', 'a: 2\nb:\n\tc: hunter2\n');
    await until('the warnings', () => warnings.length > 0);
    const kept = config.get();
    folder.write('app-config.yaml', 'a: 3\n');
    await until('the new value', () => config.getNumber('a') === 3);

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
    const config = await folder.watch({
      schemas: [{ packageName: 'x', schema: { properties: { a: { type: 'number' } } } }],
    });

    folder.write('app-config.yaml', 'a: text\n');
    await until('the warnings', () => warnings.length === 2);

    expect(warnings[1]).to.include({ code: 'INVALID_CONFIG' });
    expect(config.getNumber('a')).to.equal(1);
  });

  it('reports each new deprecated key once', async () => {
    const schema = { properties: { old: { deprecated: true }, older: { deprecated: true } } };
    folder.write('app-config.yaml', 'a: 1\nold: 1\n');
    const config = await folder.watch({ schemas: [{ packageName: 'x', schema }] });

    folder.write('app-config.yaml', 'a: 2\nold: 1\nolder: 1\n');
    await until('the new value', () => config.getNumber('a') === 2);
    folder.write('app-config.yaml', 'a: 3\nold: 1\nolder: 1\n');
    await until('the new value', () => config.getNumber('a') === 3);

    expect(warnings.map(({ message }) => message)).to.deep.equal(["Configuration key 'older' is deprecated"]);
  });

  it('reports a subscriber that throws or rejects, and tells the others', async () => {
    const config = await folder.watch();
    let told = 0;
    config.subscribe(() => {
      throw new Error('thrown');
    });
    config.subscribe(() => Promise.reject(new Error('rejected')) as never);
    config.subscribe(() => told++);

    folder.write('app-config.yaml', 'a: 2\n');
    await until('the warnings', () => warnings.length === 2);

    expect(told).to.equal(1);
    expect(warnings.map(({ code, cause }) => [code, String(cause)])).to.deep.equal([
      ['CONFIG_SUBSCRIBER_FAILED', 'Error: thrown'],
      ['CONFIG_SUBSCRIBER_FAILED', 'Error: rejected'],
    ]);
  });

  it('is not watched unless that is asked for, nor where it is broken', async () => {
    const { config } = await folder.load();
    folder.write('broken.yaml', 'a: [');
    const broken = await folder.load({
      config: 'broken.yaml',
      watch: true,
      onWarning: warning => folder.warnings.push(warning),
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
