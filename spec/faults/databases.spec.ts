import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../lib/api/config-service.js';
import { TestDatabases } from '../../lib/testing/test-databases.js';
import { dataSourceOf, pluginWith, startWith } from '../services/database/database-fixture.js';
import type { Place } from '../services/database/database-suite.js';
import { ChildBackend, runBackend, spawnBackend } from './harness/child-backend.js';
import { rowsOf } from './harness/kept-rows.js';
import { nightly } from './harness/nightly.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

/** Where writing to disk takes no time, if there is such a place: thousands of commits are waited for. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

async function folder(): Promise<Place> {
  const directory = mkdtempSync(join(memory, 'backplane-'));
  return {
    config: { connection: { directory } },
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
  };
}

async function schemas(): Promise<Place> {
  const place = await PostgresPlace.create();
  return { config: place.schemas, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

async function mysql(): Promise<Place> {
  const databases = await TestDatabases.create({ ids: ['mysql'] });
  const { config } = await databases.init('mysql');
  return { config, [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose]() };
}

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

for (const [client, open, each] of [
  ['SQLite in files', folder, 5_000],
  ['PostgreSQL', schemas, nightly(1_000, 5_000)],
  ['MySQL', mysql, nightly(1_000, 5_000)],
] as const) {
  describe(`processes that share ${client}`, () => {
    if (open === schemas) uses('postgres');
    if (open === mysql) uses('mysql');

    it('R26: run a migration once', async () => {
      await using place = await open();

      const codes = await runAll(nightly(5, 20), place.config);

      expect([...new Set(codes)]).to.deep.equal([0]);
      expect(await rowsIn(place.config, 'SELECT writer FROM stored_rows')).to.deep.equal([{ writer: 0 }]);
    });

    const cannotUndo = open === mysql;
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

    it('R26: refuse a migration that was killed half-way where that cannot be undone, and go on with it once somebody has seen to it', async () => {
      await using place = await open();
      const backend = { database: { ...place.config, queryTimeout: '1s' } };
      const unsafe = { MIGRATION_TRANSACTION: 'none' };
      const killed = new ChildBackend('data-keeping', { backend, env: { ...unsafe, MIGRATION_MS: '30000' } });
      await killed.line(({ message }) => message.startsWith('keeper: half'));
      killed.kill('SIGKILL');
      await killed.exit();

      const refused = await runBackend('data-keeping', { backend, env: unsafe });
      await changeIn(place.config, 'DROP TABLE kept_rows');
      await changeIn(place.config, `DELETE FROM backplane_migrations WHERE name = 'CreateRows'`);
      await using next = await spawnBackend('data-keeping', { backend, env: unsafe });

      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.include('[MIGRATION_INTERRUPTED]').and.to.include('CreateRows');
      expect(await rowsOf(next)).to.deep.equal([{ id: 'migrated', part: 0 }]);
    });

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

    it('R25: lose nothing of what two of them write at the same time', async () => {
      await using place = await open();

      const codes = await runAll(2, place.config, each);

      expect(codes).to.deep.equal([0, 0]);
      const [row] = (await rowsIn(place.config, 'SELECT count(*) AS n FROM stored_rows')) as { n: unknown }[];
      expect(Number(row!.n)).to.equal(2 * each + 1);
    });
  });
}
