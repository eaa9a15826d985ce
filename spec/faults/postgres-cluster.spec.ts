import { expect } from 'chai';
import type { JsonObject } from '../../lib/api/config-service.js';
import { dataSourceOf, Item, pluginWith, startWith } from '../services/database/database-fixture.js';
import { afterCheck } from './harness/after-check.js';
import { runBackend, spawnBackend } from './harness/child-backend.js';
import { ask, type KeptRow, liveness, readiness, rowsOf } from './harness/kept-rows.js';
import { nightly } from './harness/nightly.js';
import { PostgresCluster } from './harness/postgres-cluster.js';
import { until } from './harness/until.js';

/** Asks for one pair of rows after the other, until it is stopped; gives the ids by what was answered. */
async function writePairs(at: { readonly at: number }, writer: string, isOver: () => boolean) {
  const [kept, unsure]: [string[], string[]] = [[], []];
  for (let number = 0; !isOver(); number += 1) {
    const id = `${writer}-${number}`;
    const [status] = await ask(at, `pair/${id}`).catch(() => [0]);
    (status === 200 ? kept : unsure).push(id);
  }
  return { kept, unsure };
}

const idsOf = (rows: readonly KeptRow[], part: number) =>
  rows
    .filter(row => row.part === part)
    .map(({ id }) => id)
    .toSorted();

describe('A server of PostgreSQL', () => {
  let cluster: PostgresCluster;
  const settings = (more: JsonObject = {}): JsonObject => ({
    client: 'pg',
    pluginDivisionMode: 'schema',
    connection: cluster.url,
    ...more,
  });

  before(async function () {
    if (!PostgresCluster.isInstalled) this.skip();
    cluster = await PostgresCluster.start();
  });
  after(() => cluster?.[Symbol.asyncDispose]());
  beforeEach(() => cluster.query('DROP SCHEMA IF EXISTS keeper CASCADE'));

  for (const how of ['fast', 'immediate'] as const) {
    it(`R20: that is restarted (${how}) in the middle of a load is used again by itself, with every row it has said to have`, async () => {
      await using child = await spawnBackend('data-keeping', { backend: { database: settings() } });
      let isOver = false;
      const writers = ['a', 'b', 'c', 'd'].map(writer => writePairs(child, writer, () => isOver));

      for (let round = 0; round < nightly(2, 10); round += 1) {
        await until('rows come in', async () => (await rowsOf(child).catch(() => [])).length > 20 * (round + 1));
        await cluster.stop(how);
        const [alive, ready] = [await liveness(child), await readiness(child)];
        await cluster.resume();
        expect([alive, ready]).to.deep.equal([200, 503]);
      }
      await until('the backend is ready again', async () => (await readiness(child)) === 200);
      isOver = true;
      const done = await Promise.all(writers);
      const rows = await rowsOf(child);

      const [kept, unsure] = [done.flatMap(one => one.kept), new Set(done.flatMap(one => one.unsure))];
      expect(kept.length).to.be.above(0);
      expect(unsure.size).to.be.above(0);
      // Whose answer was lost may be there or not, but never half of it, and never twice.
      expect(idsOf(rows, 1)).to.deep.equal(idsOf(rows, 2));
      expect(idsOf(rows, 1).filter(id => !unsure.has(id))).to.deep.equal(kept.toSorted());
      await afterCheck(child);
    });
  }

  it('R20: that takes no more connections is answered for with 503, until it does', async () => {
    const connectTimeout = '1s';
    await using child = await spawnBackend('data-keeping', { backend: { database: settings({ connectTimeout }) } });
    await cluster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backplane'`);
    const others: AsyncDisposable[] = [];
    await until('no connection is free', async () => {
      const one = await cluster.connect().catch(() => undefined);
      if (one) others.push(one);
      return !one;
    });

    const full = await ask(child, 'write/1');
    const [alive, ready] = [await liveness(child), await readiness(child)];
    await Promise.all(others.map(one => one[Symbol.asyncDispose]()));
    await until('the backend is ready again', async () => (await readiness(child)) === 200);

    expect(full).to.deep.equal([503, 'dependency_unavailable']);
    expect(child.log.text).to.include('too many clients already');
    expect([alive, ready]).to.deep.equal([200, 503]);
    expect(await ask(child, 'write/2')).to.deep.equal([200, 'written']);
  });

  it('R19: that does not know the password says so, and the password is nowhere', async () => {
    const connection = cluster.url.replace(cluster.password, 'wrong-but-secret');

    const child = await runBackend('data-keeping', { backend: { database: settings({ connection }) } });

    expect(child.code).to.equal(1);
    expect(child.stderr).to.include('[DATABASE_UNREACHABLE]').and.to.include('password authentication failed');
    expect(child.stderr + child.log.text).not.to.include('wrong-but-secret');
  });

  it('R20: whose database is dropped underneath is answered for with 503, and the process lives', async () => {
    await cluster.query('CREATE DATABASE doomed');
    const connection = Object.assign(new URL(cluster.url), { pathname: '/doomed' }).href;
    await using child = await spawnBackend('data-keeping', { backend: { database: settings({ connection }) } });
    await cluster.query('DROP DATABASE doomed WITH (FORCE)');

    const answers = await Promise.all([ask(child, 'write/1'), ask(child, 'pair/2')]);
    await until('the backend is not ready', async () => (await readiness(child)) === 503);

    expect(answers.map(([status]) => status)).to.deep.equal([503, 503]);
    expect(await liveness(child)).to.equal(200);
    await afterCheck(child);
  });

  it('R22: ends a transaction that is left open, and its connection is there for others', async () => {
    const limits = { idleTransactionTimeout: '300ms', connectTimeout: '5s', pool: { max: 2 } };
    await using child = await spawnBackend('data-keeping', { backend: { database: settings(limits) } });
    const left = await Promise.all([1, 2].map(() => ask(child, 'left-open')));

    const next = await ask(child, 'write/1');

    expect([left[0], next]).to.deep.equal([
      [200, 'left'],
      [200, 'written'],
    ]);
    expect((await rowsOf(child)).map(({ id }) => id)).to.deep.equal(['migrated', '1']);
    await afterCheck(child);
  });

  it('has at most 15 connections of 100 plugins under load, each in a schema of its own', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `plugin-${index}`);
    const features = ids.map(id => pluginWith(id, { entities: [Item] }));
    await using backend = await startWith(features, settings({ synchronize: true }));
    const counts: number[] = [];
    const over = new AbortController();
    const watched = (async () => {
      await using watcher = await cluster.connect();
      const where = `application_name = 'backplane'`;
      while (!over.signal.aborted) {
        const { rows } = await watcher.connection.query(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${where}`,
        );
        counts.push(rows[0]!['n'] as number);
      }
    })();

    const load = ids.flatMap(id => [1, 2, 3, 4, 5].map(() => id));
    await Promise.all(load.map(async id => (await dataSourceOf(backend, id)).getRepository(Item).insert({ name: id })));
    over.abort();
    await watched;

    expect(Math.max(...counts)).to.be.within(1, 15);
    const rows = await Promise.all(ids.map(async id => (await dataSourceOf(backend, id)).getRepository(Item).count()));
    expect(rows).to.deep.equal(ids.map(() => 5));
  });
});
