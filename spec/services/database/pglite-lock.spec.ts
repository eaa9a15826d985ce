import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../../lib/services/database/pglite-lock.js';

describe('The lock of a folder', () => {
  let folder: string;
  let file: string;
  const lock = () => lockDirectory('store', file);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'backplane-'));
    file = join(folder, 'pglite.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is held by one of many that ask at once, and is free afterwards', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 20 }, lock));
    const held = asked.filter(result => result.status === 'fulfilled');
    await held[0]!.value();
    const again = await lock();
    await again();

    expect(held).to.have.length(1);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  for (const [whose, text] of [
    ['an earlier process of the same id', JSON.stringify({ pid: process.pid, since: 1 })],
    ['a process that is no more', JSON.stringify({ pid: 2 ** 22 + 1, since: 1 })],
    ['nobody who could say so', 'what a full disk has left'],
  ] as const) {
    it(`is taken over from ${whose}, by one of many`, async () => {
      writeFileSync(file, text);

      const asked = await Promise.allSettled(Array.from({ length: 20 }, lock));

      expect(asked.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      expect(readdirSync(folder)).to.deep.equal(['pglite.lock']);
    });
  }

  it('is taken over by one of many again and again, however often that happens', async () => {
    for (let round = 0; round < 50; round += 1) {
      writeFileSync(file, JSON.stringify({ pid: process.pid, since: round }));

      const asked = await Promise.allSettled(Array.from({ length: 8 }, lock));

      expect(asked.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      rmSync(file);
    }
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('is taken over from a successor that died before it was in its place', async () => {
    const dead = JSON.stringify({ pid: process.pid, since: 1 });
    const hash = createHash('sha256').update(dead).digest('hex').slice(0, 16);
    writeFileSync(file, dead);
    writeFileSync(`${file}.${hash}`, JSON.stringify({ pid: process.pid, since: 2 }));

    const asked = await Promise.allSettled(Array.from({ length: 20 }, lock));

    expect(asked.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    expect(readdirSync(folder)).to.deep.equal(['pglite.lock']);
  });

  it('of a process that lives names it, and what to do', async () => {
    writeFileSync(file, JSON.stringify({ pid: process.ppid, since: 1 }));

    const failure = await lock().catch((error: unknown) => error);

    expect(failure).to.have.property('code', 'DATABASE_IN_USE');
    expect((failure as Error).message)
      .to.contain(`process ${process.ppid}`)
      .and.contain(file);
  });
});
