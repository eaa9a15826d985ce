import { expect } from 'chai';
import type { JsonObject } from '../../lib/api/config-service.js';
import { loadPg, type Pool } from '../../lib/services/events/postgres/load-pg.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('events of one key in PostgreSQL, of which one is delivered again', function () {
  this.timeout(60_000);
  uses('postgres');

  let place: PostgresPlace;
  let pool: Pool;
  let events: JsonObject;
  let got: string[];

  const search = (fails = false) =>
    subscriber('search', {
      index: {
        options: { maxAttempts: fails ? 1 : 5, concurrency: 4 },
        handler: ({ payload }) => {
          if (fails) throw new Error('not now');
          got.push((payload as { name: string }).name);
        },
      },
    });

  beforeEach(async () => {
    got = [];
    place = await PostgresPlace.create();
    pool = new (await loadPg()).Pool({ connectionString: place.url, max: 2 });
    events = { transport: 'postgres', connection: place.url, postgres: { pollInterval: '50ms' } };
    // A dead letter, and behind it an event that waits.
    await using first = await startEvents([StorePlugin, search(true)], { events });
    await first.publish('dead', { key: 'k' });
    await until('the dead letter', async () => (await first.eventsOf('search').getDeadLetters('index')).length > 0);
    await first.backend.stop();
    await using publisher = await startEvents([StorePlugin], { events });
    await publisher.publish('next', { key: 'k' });
  });
  afterEach(async () => {
    await pool.end();
    await place[Symbol.asyncDispose]();
  });

  /** As a member that takes the second event. */
  const takeNext = (until_: string): string =>
    `UPDATE backplane_events.deliveries SET holder = 'other', attempt = 1, due_at = ${until_} WHERE NOT is_dead`;

  it('wait for a member that is taking another one at the same time', async () => {
    const other = await pool.connect();
    try {
      await other.query('BEGIN');
      await other.query(takeNext(`now() + interval '1 minute'`));
      await using backend = await startEvents([search()], { events });
      const isWaiting = async (): Promise<boolean> => {
        const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = '${place.name}' AND wait_event_type = 'Lock'`;
        return (await place.query(sql)).length > 0;
      };

      await backend.eventsOf('search').redeliver('index');
      await until('the other one is taken, or waits', async () => got.length > 0 || (await isWaiting()));
      await other.query('COMMIT');
      await until('nobody waits', async () => !(await isWaiting()));
      const meanwhile = [...got];
      await other.query(`DELETE FROM backplane_events.deliveries WHERE holder = 'other'`);
      await until('the one that was dead', () => got.length > 0);

      expect(meanwhile).to.deep.equal([]);
      expect(got).to.deep.equal(['dead']);
    } finally {
      other.release(true);
    }
  });

  it('come after the one whose member has ended in the middle of it', async () => {
    await pool.query(takeNext(`now() - interval '1 second'`));
    await pool.query(
      `UPDATE backplane_events.deliveries SET is_dead = false, attempt = 0, due_at = now() WHERE is_dead`,
    );

    await using _backend = await startEvents([search()], { events });
    await until('both', () => got.length === 2);

    expect(got).to.deep.equal(['next', 'dead']);
  });

  it('find the tables of an earlier version, and what was held in them', async () => {
    await pool.query('DROP INDEX backplane_events.deliveries_held');
    await pool.query('DROP TABLE backplane_events.version_3; CREATE TABLE backplane_events.version_1 ()');
    await pool.query(
      `UPDATE backplane_events.deliveries SET is_dead = false, holder = 'other', due_at = now() - interval '1 second'`,
    );

    await using _backend = await startEvents([search()], { events });
    await until('both', () => got.length === 2);

    expect(got).to.deep.equal(['dead', 'next']);
  });
});
