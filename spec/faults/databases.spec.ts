import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../lib/api/config-service.js';
import { dataSourceOf, pluginWith, startWith } from '../services/database/database-fixture.js';
import type { Place } from '../services/database/database-suite.js';
import { ChildBackend } from './harness/child-backend.js';
import { nightly } from './harness/nightly.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

async function folder(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
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

for (const [client, open] of [
  ['SQLite in files', folder],
  ['PostgreSQL', schemas],
] as const) {
  describe(`processes that share ${client}`, () => {
    if (open === schemas) uses('postgres');

    it('run a migration once', async () => {
      await using place = await open();

      const codes = await runAll(nightly(5, 20), place.config);

      expect([...new Set(codes)]).to.deep.equal([0]);
      expect(await rowsIn(place.config, 'SELECT writer FROM stored_rows')).to.deep.equal([{ writer: 0 }]);
    });

    it('lose nothing of what two of them write at the same time', async () => {
      const each = nightly(1_000, 5_000);
      await using place = await open();

      const codes = await runAll(2, place.config, each);

      expect(codes).to.deep.equal([0, 0]);
      const [row] = (await rowsIn(place.config, 'SELECT count(*) AS n FROM stored_rows')) as { n: unknown }[];
      expect(Number(row!.n)).to.equal(2 * each + 1);
    });
  });
}
