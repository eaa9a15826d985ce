import { expect } from 'chai';
import { eventColumns } from '../../lib/services/events/postgres/event-rows.js';
import { loadPg, type Pool } from '../../lib/services/events/postgres/load-pg.js';
import { takeStatement } from '../../lib/services/events/postgres/take-statements.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

const waiting = 20_000;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

function rowsOf(node: PlanNode): number {
  const own = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  return (node.Plans ?? []).reduce((sum, one) => sum + rowsOf(one), own);
}

describe(`${waiting} events in PostgreSQL that wait behind one of their key`, function () {
  this.timeout(60_000);
  uses('postgres');

  let place: PostgresPlace;
  let pool: Pool;
  let got: string[];
  const search = subscriber('search', {
    index: { options: { concurrency: 4 }, handler: ({ payload }) => got.push((payload as { name: string }).name) },
  });
  const start = () =>
    startEvents([StorePlugin, search], {
      events: { transport: 'postgres', connection: place.url, postgres: { pollInterval: '100ms' } },
    });

  beforeEach(async () => {
    got = [];
    place = await PostgresPlace.create();
    pool = new (await loadPg()).Pool({ connectionString: place.url, max: 1 });
    await using _backend = await start();
    await pool.query(
      `INSERT INTO backplane_events.events (id, topic, source, is_private, key, payload, metadata, published_at)
       SELECT 'event-' || n, 'store.changed', 'store', false, 'hot', '{"name":"hot"}', '{}', 0
       FROM generate_series(1, ${waiting}) n`,
    );
    await pool.query(
      `INSERT INTO backplane_events.deliveries (group_id, seq, key, holder, due_at)
       SELECT g.id, e.seq, e.key, CASE WHEN e.id = 'event-1' THEN 'other' END,
         CASE WHEN e.id = 'event-1' THEN now() + interval '1 hour' ELSE now() END
       FROM backplane_events.events e, backplane_events.groups g`,
    );
    await pool.query('ANALYZE backplane_events.deliveries');
  });
  afterEach(async () => {
    await pool.end();
    await place[Symbol.asyncDispose]();
  });

  it('hold up neither other keys, nor events without one, nor what an ended member has left', async () => {
    await using backend = await start();
    for (const name of ['b1', 'b2', 'c1']) await backend.publish(name, { key: name[0]! });
    await backend.publish('single');
    await until('those of others', () => got.length === 4);
    const { rows } = await pool.query<{ seq: string }>(
      `INSERT INTO backplane_events.events (id, topic, source, is_private, key, payload, metadata, published_at)
       VALUES ('left', 'store.changed', 'store', false, 'd', '{"name":"left"}', '{}', 0) RETURNING seq`,
    );
    await pool.query(
      `INSERT INTO backplane_events.deliveries (group_id, seq, key, holder, due_at)
       SELECT id, $1, 'd', 'ended', now() - interval '1 second' FROM backplane_events.groups`,
      [rows[0]!.seq],
    );
    await until('what was left', () => got.length === 5);

    expect(got.toSorted()).to.deep.equal(['b1', 'b2', 'c1', 'left', 'single']);
    expect(got.indexOf('b1')).to.be.below(got.indexOf('b2'));
  });

  for (const kind of ['window', 'lanes', 'singles'] as const) {
    it(`are not looked at one by one whenever something is taken (${kind})`, async () => {
      const { rows: groups } = await pool.query<{ id: string }>('SELECT id FROM backplane_events.groups');
      const values = [groups[0]!.id, 4, 1_000, 'me', ...(kind === 'lanes' ? [null] : [])];

      const { rows } = await pool.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${takeStatement(kind, 'backplane_events', eventColumns)}`,
        values,
      );

      expect(rowsOf(rows[0]!['QUERY PLAN'][0].Plan)).to.be.below(waiting / 4);
    });
  }
});
