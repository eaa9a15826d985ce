import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../lib/api/config-service.js';
import { dataSourceOf, pluginWith, startWith } from '../services/database/database-fixture.js';
import type { Place } from '../services/database/database-suite.js';
import { ChildBackend } from './harness/child-backend.js';
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

for (const [client, open, each] of [
  ['SQLite in files', folder, 5_000],
  ['PostgreSQL', schemas, nightly(1_000, 5_000)],
] as const) {
  describe(`processes that share ${client}`, () => {
    if (open === schemas) uses('postgres');

    it('R26: run a migration once', async () => {
      await using place = await open();

      const codes = await runAll(nightly(5, 20), place.config);

      expect([...new Set(codes)]).to.deep.equal([0]);
      expect(await rowsIn(place.config, 'SELECT writer FROM stored_rows')).to.deep.equal([{ writer: 0 }]);
    });

    it('R26: go on with a migration that was killed half-way', async () => {
      await using place = await open();
      const backend = { database: place.config };
      const killed = new ChildBackend('data-keeping', { backend, env: { MIGRATION_MS: '30000' } });
      await killed.line(({ message }) => message.startsWith('keeper: half'));
      const waiting = Array.from({ length: 2 }, () => new ChildBackend('data-keeping', { backend }));

      killed.kill('SIGKILL');
      await Promise.all([killed.exit(), ...waiting.map(child => child.started())]);
      const rows = await rowsOf({ at: await waiting[0]!.port() });
      await Promise.all(waiting.map(child => child[Symbol.asyncDispose]()));

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
