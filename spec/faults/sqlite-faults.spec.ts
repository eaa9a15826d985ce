import { expect } from 'chai';
import Database from 'libsql';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterCheck } from './harness/after-check.js';
import { runBackend, spawnBackend } from './harness/child-backend.js';
import { get } from './harness/http-get.js';
import { ask, readiness, rowsOf } from './harness/kept-rows.js';
import { SmallDisk } from './harness/small-disk.js';

/** A folder for the files of a backend. */
class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'backplane-'));
  readonly file = join(this.path, 'keeper.sqlite');

  backend(settings: Record<string, unknown> = {}) {
    return { database: { connection: { directory: this.path }, ...settings } };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Whom a file can keep from writing to it, as it does not keep root. */
function nobody(): { readonly as?: { readonly uid: number; readonly gid: number } } {
  return process.getuid?.() === 0 ? { as: { uid: 65_534, gid: 65_534 } } : {};
}

/** Writes rows of 20 KB until there is no more room. */
async function fill(child: { at: number }): Promise<readonly [number, string | undefined]> {
  for (let number = 0; ; number += 1) {
    const answer = await ask(child, `write/${number}`);
    if (answer[0] !== 200) return answer;
    if (number > 1_000) throw new Error('there is room without end');
  }
}

describe('A disk that is full', () => {
  const env = { PAYLOAD: '20000' };

  for (const way of ['the file system', 'the limit of the database']) {
    it(`R53: refuses to write with 507 (${way}), keeps what is there, and takes more once there is room`, async () => {
      await using disk = await SmallDisk.of(way === 'the file system' ? 2 : 64);
      // Where nothing can be mounted, both are the same.
      const limit: Record<string, string> = way === 'the file system' && disk.isReal ? {} : { MAX_PAGES: '100' };
      const backend = { database: { connection: { directory: disk.path } } };
      await using child = await spawnBackend('data-keeping', { backend, env: { ...env, ...limit } });

      const refused = await fill(child);
      const before = await rowsOf(child);
      const pair = await ask(child, 'pair/no-room');
      const during = await rowsOf(child);
      const ready = await readiness(child);
      await ('MAX_PAGES' in limit ? ask(child, 'room') : disk.grow(64));
      const after = [await ask(child, 'write/room'), await ask(child, 'pair/room')];

      expect([refused, pair]).to.deep.equal([1, 2].map(() => [507, 'insufficient_storage']));
      expect(before.length).to.be.above(5);
      expect(during).to.deep.equal(before);
      expect(ready).to.equal(200);
      expect(after).to.deep.equal([1, 2].map(() => [200, 'written']));
      expect(await rowsOf(child)).to.have.length(before.length + 3);
      expect(child.log.text).to.include('DATABASE_FULL').and.to.include('keeper.sqlite');
      await afterCheck(child);
    });
  }

  it('R53: has lost nothing where the process ends on it, and starts on it again', async () => {
    await using disk = await SmallDisk.of(2);
    const limit: Record<string, string> = disk.isReal ? {} : { MAX_PAGES: '100' };
    const backend = { database: { connection: { directory: disk.path } } };
    const child = await spawnBackend('data-keeping', { backend, env: { ...env, ...limit } });
    await fill(child);
    const before = await rowsOf(child);
    child.kill('SIGKILL');
    await child.exit();

    await using next = await spawnBackend('data-keeping', { backend, env: { ...env, ...limit } });
    const after = await rowsOf(next);
    next.kill('SIGTERM');

    expect(after).to.deep.equal(before);
    expect((await next.exit()).code).to.equal(0);
  });

  for (const way of ['the file system', 'the limit of the process']) {
    it(`R53: is told at the start (${way}), where not even the migration fits`, async () => {
      await using disk = await SmallDisk.of(2);
      const isFull = way === 'the file system' && disk.isReal;
      if (isFull) writeFileSync(join(disk.path, 'of-others'), Buffer.alloc(2 * 1024 * 1024 - 8_192));
      const backend = { database: { connection: { directory: disk.path } } };

      // Where nothing can be mounted, both are the same.
      const child = await runBackend('data-keeping', { backend, ...(!isFull && { fileSize: 4 }) });

      expect(child.code).to.equal(1);
      expect(child.stderr).to.match(/\[DATABASE_(?:FULL|UNREACHABLE)\]/);
    });
  }
});

describe('A file of SQLite', () => {
  it('R25: that another process has locked is waited for, while everything else goes on', async () => {
    using folder = new Folder();
    await using child = await spawnBackend('data-keeping', { backend: folder.backend({ queryTimeout: '10s' }) });
    const other = new Database(folder.file);
    other.exec('BEGIN IMMEDIATE');

    const waiting = [ask(child, 'write/1'), ask(child, 'pair/2')];
    const alive = [];
    for (let number = 0; number < 10; number += 1) {
      alive.push(await get(child.at, '/.backplane/health/v1/liveness'));
    }
    const [rows] = await Promise.race([Promise.all(waiting), Promise.resolve(['none yet'])]);
    other.exec('COMMIT');
    other.close();

    expect(rows).to.equal('none yet');
    expect(alive.map(({ status }) => status)).to.deep.equal(alive.map(() => 200));
    // SQLite's own waiting would hold up every one of them for seconds.
    expect(Math.max(...alive.map(({ duration }) => duration))).to.be.below(1_000);
    expect(await Promise.all(waiting)).to.deep.equal([1, 2].map(() => [200, 'written']));
    await afterCheck(child);
  });

  it('R25: that stays locked is answered for with 503 in time, also one that nobody else may even read', async () => {
    using folder = new Folder();
    const child = await spawnBackend('data-keeping', { backend: folder.backend({ queryTimeout: '500ms' }) });
    const other = new Database(folder.file);
    other.exec('BEGIN IMMEDIATE');
    const refused = await get(child.at, '/api/keeper/write/1');
    const rows = await rowsOf(child);
    other.exec('COMMIT');
    const next = await ask(child, 'write/2');
    child.kill('SIGTERM');
    await child.exit();
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN IMMEDIATE; COMMIT');
    const second = await runBackend('data-keeping', { backend: folder.backend({ queryTimeout: '500ms' }) });
    other.close();

    expect([refused.status, refused.headers['retry-after']]).to.deep.equal([503, '1']);
    expect(child.log.text).to.include('another process has locked it');
    expect([rows.length, next]).to.deep.equal([1, [200, 'written']]);
    expect(second.code).to.equal(1);
    expect(second.stderr).to.include('[DATABASE_BUSY]').and.to.include('another process has locked it');
    await child[Symbol.asyncDispose]();
  });

  for (const [what, spoil] of [
    ['is none', (bytes: Buffer) => Buffer.from(`This is a letter.\n${bytes.length}`.repeat(100))],
    ['is damaged', (bytes: Buffer) => bytes.fill(0xa5, 0, 4_000)],
  ] as const) {
    it(`that ${what} ends the start with its name, and stays as it was`, async () => {
      using folder = new Folder();
      const first = await spawnBackend('data-keeping', { backend: folder.backend() });
      first.kill('SIGTERM');
      await first.exit();
      const spoilt = spoil(readFileSync(folder.file));
      writeFileSync(folder.file, spoilt);

      const child = await runBackend('data-keeping', { backend: folder.backend() });

      expect(child.code).to.equal(1);
      expect(child.stderr).to.include('[DATABASE_UNREACHABLE]').and.to.include(folder.file);
      expect(child.stderr).to.include('file is not a database');
      expect(readFileSync(folder.file).equals(spoilt)).to.equal(true);
      await first[Symbol.asyncDispose]();
    });
  }

  it('that is damaged further in is answered for with 500 where that is read, and the rest serves', async () => {
    using folder = new Folder();
    const env = { PAYLOAD: '20000' };
    const first = await spawnBackend('data-keeping', { backend: folder.backend(), env });
    for (const number of [1, 2, 3, 4, 5]) await ask(first, `write/${number}`);
    first.kill('SIGTERM');
    await first.exit();
    await first[Symbol.asyncDispose]();
    const bytes = readFileSync(folder.file);
    writeFileSync(folder.file, bytes.fill(0xa5, 3 * 4_096));
    await using child = await spawnBackend('data-keeping', { backend: folder.backend(), env });

    const rows = await get(child.at, '/api/keeper/rows');

    expect(rows.status).to.equal(500);
    expect(rows.text).not.to.include('malformed');
    expect(child.log.text).to.include('database disk image is malformed');
    await afterCheck(child);
  });

  it('in a folder that cannot be written is read from, and ends the start where there is none yet', async () => {
    await using disk = await SmallDisk.of(16);
    const backend = { database: { connection: { directory: disk.path } } };
    const file = join(disk.path, 'keeper.sqlite');
    const as = nobody();
    const first = await spawnBackend('data-keeping', { backend, ...as });
    first.kill('SIGTERM');
    await first.exit();
    await first[Symbol.asyncDispose]();
    const bytes = readFileSync(file);

    await disk.forbidWriting();
    await using child = await spawnBackend('data-keeping', { backend, ...as });
    const refused = await ask(child, 'write/1');
    const rows = await rowsOf(child);
    const none = { database: { connection: { directory: join(disk.path, 'none') } } };
    const other = await runBackend('data-keeping', { backend: none, ...as });

    expect(refused).to.deep.equal([503, 'dependency_unavailable']);
    expect(child.log.text).to.include('attempt to write a readonly database');
    expect(rows).to.deep.equal([{ id: 'migrated', part: 0 }]);
    expect(readFileSync(file).equals(bytes)).to.equal(true);
    expect(other.code).to.equal(1);
    expect(other.stderr).to.include('[DATABASE_UNREACHABLE]').and.to.include(join(disk.path, 'none'));
  });
});
