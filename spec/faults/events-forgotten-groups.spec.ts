import { expect } from 'chai';
import { loadPg } from '../../lib/services/events/postgres/load-pg.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('consumer groups that nobody declares', () => {
  uses('postgres');

  it('are forgotten after 30 days, and named in the log', async () => {
    await using place = await PostgresPlace.create();
    const events = { transport: 'postgres', connection: place.url, retention: '1s' };
    const pool = new (await loadPg()).Pool({ connectionString: place.url, max: 1 });
    try {
      const handler = (): void => {};
      const members = [subscriber('search', { old: { handler }, older: { handler } })];
      await using former = await startEvents([StorePlugin, ...members], { events });
      await former.publish('1');
      await former.backend.stop();
      for (const [id, days] of Object.entries({ old: 29, older: 31 })) {
        const sql = `UPDATE backplane_events.groups SET seen_at = now() - interval '${days} days' WHERE name = $1`;
        await pool.query(sql, [`search.${id}`]);
      }

      await using later = await startEvents([StorePlugin, subscriber('mail', { send: { handler } })], { events });
      const told = () => later.logger.entries.filter(({ message }) => message.includes('is forgotten'));
      await until('the line', () => told().length > 0);

      expect(told().map(({ level, meta }) => [level, meta['group'], meta['topic']])).to.deep.equal([
        ['warn', 'search.older', 'store.changed'],
      ]);
      const { rows } = await pool.query<{ name: string }>('SELECT name FROM backplane_events.groups ORDER BY name');
      expect(rows.map(({ name }) => name)).to.deep.equal(['mail.send', 'search.old']);
    } finally {
      await pool.end();
    }
  });

  it('are declared again by a process that was cut off meanwhile, which says so', async () => {
    await using place = await PostgresPlace.create();
    const events = { transport: 'postgres', connection: place.url, postgres: { pollInterval: '100ms' } };
    const got: string[] = [];
    const handler = ({ payload }: { payload: unknown }): number => got.push((payload as { name: string }).name);
    await using backend = await startEvents([StorePlugin, subscriber('search', { index: { handler } })], { events });
    await backend.publish('before');
    await until('the first', () => got.length === 1);
    const pool = new (await loadPg()).Pool({ connectionString: place.url, max: 1 });
    try {
      await pool.query('DELETE FROM backplane_events.groups');
      await backend.publish('meanwhile');
      await place.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${place.name}' AND query LIKE 'LISTEN%'`,
      );
      const told = () => backend.logger.entries.filter(({ message }) => message.includes('was forgotten while'));
      await until('the line', () => told().length > 0);

      await backend.publish('after');
      await until('the second', () => got.length === 2);

      expect(got).to.deep.equal(['before', 'after']);
      expect(told().map(({ level, meta }) => [level, meta['group']])).to.deep.equal([['warn', 'search.index']]);
    } finally {
      await pool.end();
    }
  });
});
