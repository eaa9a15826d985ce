import { expect } from 'chai';
import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../../../lib/errors/problem.js';
import { until } from '../../faults/harness/until.js';
import { WatchedFolder } from './watched-folder.js';

describe('A watched configuration, of its files,', () => {
  let folder: WatchedFolder;
  let warnings: readonly Problem[];

  beforeEach(() => {
    folder = new WatchedFolder();
    ({ warnings } = folder);
  });
  afterEach(() => folder[Symbol.dispose]());

  it('notices a file that an editor replaces, several times', async () => {
    const config = await folder.watch();

    for (const value of [2, 3, 4]) {
      folder.write('.app-config.yaml.swp', `a: ${value}\n`);
      renameSync(join(folder.path, '.app-config.yaml.swp'), join(folder.path, 'app-config.yaml'));
      await until('the new value', () => config.getNumber('a') === value);
    }

    expect(warnings).to.deep.equal([]);
  });

  it('keeps the last good one while the file is away or empty, and recovers', async () => {
    const config = await folder.watch();
    const file = join(folder.path, 'app-config.yaml');

    unlinkSync(file);
    await until('the warnings', () => warnings.length === 2);
    folder.write('app-config.yaml', '\n');
    await until('the warnings', () => warnings.length === 4);
    const kept = config.get();
    folder.write('app-config.yaml', 'a: 2\n');
    await until('the new value', () => config.getNumber('a') === 2);

    expect(kept).to.deep.equal({ a: 1, b: { c: 1 } });
    expect([warnings[1]!.message, warnings[3]!.message]).to.deep.equal([
      "Configuration file 'app-config.yaml' does not exist",
      "Configuration file 'app-config.yaml' has become empty",
    ]);
  });

  it('notices optional files that come and go', async () => {
    const config = await folder.watch();

    folder.write('app-config.local.yaml', 'a: 2\n');
    await until('the new value', () => config.getNumber('a') === 2);
    unlinkSync(join(folder.path, 'app-config.local.yaml'));
    await until('the new value', () => config.getNumber('a') === 1);

    expect(warnings).to.deep.equal([]);
  });

  it('notices what files include, in other folders too, and includes that come with an edit', async () => {
    folder.write('secrets/token.txt', 'one');
    folder.write('parts/b.yaml', 'c: 10\n');
    folder.write('app-config.yaml', 'a: { $file: secrets/token.txt }\n');
    const config = await folder.watch();

    folder.write('secrets/token.txt', 'two');
    await until('the new value', () => config.getString('a') === 'two');
    folder.write('app-config.yaml', 'a: { $file: secrets/token.txt }\nb: { $include: parts/b.yaml }\n');
    await until('the new value', () => config.getOptionalNumber('b.c') === 10);
    await sleep(50);
    folder.write('parts/b.yaml', 'c: 11\n');
    await until('the new value', () => config.getOptionalNumber('b.c') === 11);

    expect(warnings).to.deep.equal([]);
  });

  it('waits for an included file that is missing', async () => {
    const config = await folder.watch();

    folder.write('app-config.yaml', 'a: { $file: later.txt }\n');
    await until('the warnings', () => warnings.length === 2);
    folder.write('later.txt', 'here');
    await until('the new value', () => config.getOptional('a') === 'here');
  });

  it('notices a folder that is mounted over a link, as Kubernetes does', async () => {
    folder.write('v1/app-config.yaml', 'a: 1\n');
    folder.write('v2/app-config.yaml', 'a: 2\n');
    folder.write('mount/x', '');
    symlinkSync('../v1', join(folder.path, 'mount/..data'));
    symlinkSync('..data/app-config.yaml', join(folder.path, 'mount/app-config.yaml'));
    const config = await folder.watch({ root: join(folder.path, 'mount') });

    symlinkSync('../v2', join(folder.path, 'mount/..next'));
    renameSync(join(folder.path, 'mount/..next'), join(folder.path, 'mount/..data'));
    await until('the new value', () => config.getNumber('a') === 2);
  });
});
