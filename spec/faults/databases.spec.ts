import { expect } from 'chai';
import type { JsonObject } from '../../lib/api/config-service.js';
import { dataSourceOf, pluginWith, startWith } from '../services/database/database-fixture.js';
import type { Place } from '../services/database/database-suite.js';
import { ChildBackend, runBackend, spawnBackend } from './harness/child-backend.js';
import { rowsOf } from './harness/kept-rows.js';
import { nightly } from './harness/nightly.js';
import { onSharedDatabases, placeOf } from './harness/shared-databases.js';

/** So many processes that share a database, until all of them have ended. */
async function runAll(count: number, database: JsonObject, rows = 0): Promise<readonly (number | null)[]> {
  const env = { ROWS: String(rows) };
  const backend = { database, startup: { initTimeout: '55s' } };
  const children = Array.from({ length: count }, () => new ChildBackend('storing', { env, backend }));
  try {
    await Promise.all(children.map(child => child.started(55_000)));
    for (const child of children) child.kill('SIGTERM');
    return await Promise.all(children.map(async child => (await child.exit()).code));
  } finally {
    await Promise.all(children.map(child => child[Symbol.asyncDispose]()));
  }
}

async function rowsIn(database: JsonObject, sql: string): Promise<unknown> {
  await using backend = await startWith([pluginWith('storing')], { ...database, skipMigrations: true });
  return await (await dataSourceOf(backend, 'storing')).query(sql);
}

/** What an operator does to the database of the fixture that keeps data. */
async function changeIn(database: JsonObject, sql: string): Promise<void> {
  await using backend = await startWith([pluginWith('keeper')], { ...database, skipMigrations: true });
  await (await dataSourceOf(backend, 'keeper')).query(sql);
}

function itRefusesWhatWasInterrupted(open: () => Promise<Place>): void {
  it('R26: refuse a migration that was killed half-way where that cannot be undone, and go on with it once somebody has seen to it', async () => {
    await using place = await open();
    const backend = { database: { ...place.config, queryTimeout: '1s' } };
    const unsafe = { MIGRATION_TRANSACTION: 'none' };
    const killed = new ChildBackend('data-keeping', { backend, env: { ...unsafe, MIGRATION_MS: '30000' } });
    await killed.line(({ message }) => message.startsWith('keeper: half'));
    killed.kill('SIGKILL');
    const { signal } = await killed.exit();

    const refused = await runBackend('data-keeping', { backend, env: unsafe });
    await changeIn(place.config, 'DROP TABLE kept_rows');
    await changeIn(place.config, `DELETE FROM backplane_migrations WHERE name = 'CreateRows'`);
    await using next = await spawnBackend('data-keeping', { backend, env: unsafe });

    expect([signal, refused.code]).to.deep.equal(['SIGKILL', 1]);
    expect(refused.stderr).to.include('[MIGRATION_INTERRUPTED]').and.to.include('CreateRows');
    expect(await rowsOf(next)).to.deep.equal([{ id: 'migrated', part: 0 }]);
  });
}

onSharedDatabases('processes that share', (open, id) => {
  it('R26: run a migration once', async () => {
    await using place = await open();

    const codes = await runAll(nightly(5, 20), place.config);

    expect([...new Set(codes)]).to.deep.equal([0]);
    expect(await rowsIn(place.config, 'SELECT writer FROM stored_rows')).to.deep.equal([{ writer: 0 }]);
  });

  const cannotUndo = id === 'mysql';
  it(`R26: go on with a migration that was killed half-way${cannotUndo ? ', or say why not' : ''}`, async () => {
    await using place = await open();
    const backend = { database: place.config };
    const killed = new ChildBackend('data-keeping', { backend, env: { MIGRATION_MS: '30000' } });
    await killed.line(({ message }) => message.startsWith('keeper: half'));
    const waiting = Array.from({ length: 2 }, () => new ChildBackend('data-keeping', { backend }));

    killed.kill('SIGKILL');
    if (cannotUndo) {
      const ended = await Promise.all([killed.exit(), ...waiting.map(child => child.exit())]);
      for (const { code } of ended) expect(code).not.to.equal(0);
      for (const { log, stderr } of waiting) expect(log.text + stderr).to.contain('[MIGRATION_INTERRUPTED]');
      return;
    }
    await Promise.all([killed.exit(), ...waiting.map(child => child.started())]);
    const rows = await rowsOf({ at: await waiting[0]!.port() });
    await Promise.all(waiting.map(child => child[Symbol.asyncDispose]()));

    expect(rows).to.deep.equal([{ id: 'migrated', part: 0 }]);
  });

  itRefusesWhatWasInterrupted(open);

  it('R26: run a migration once that is in no transaction', async () => {
    await using place = await open();
    const env = { MIGRATION_TRANSACTION: 'none', MIGRATION_MS: '500' };
    const backend = { database: place.config };
    const children = [1, 2, 3].map(() => new ChildBackend('data-keeping', { backend, env }));

    await Promise.all(children.map(child => child.started(30_000)));
    const rows = await rowsOf({ at: await children[0]!.port() });
    await Promise.all(children.map(child => child[Symbol.asyncDispose]()));

    expect(rows).to.deep.equal([{ id: 'migrated', part: 0 }]);
  });

  const each = id === 'sqlite-files' ? 5_000 : nightly(1_000, 5_000);
  it('R25: lose nothing of what two of them write at the same time', async () => {
    await using place = await open();

    const codes = await runAll(2, place.config, each);

    expect(codes).to.deep.equal([0, 0]);
    const [row] = (await rowsIn(place.config, 'SELECT count(*) AS n FROM stored_rows')) as { n: unknown }[];
    expect(Number(row!.n)).to.equal(2 * each + 1);
  });
});

describe('processes that have, one after the other, the database of PGlite', () => {
  itRefusesWhatWasInterrupted(() => placeOf('pglite'));
});
