import { expect } from 'chai';
import type { JsonObject } from '../../lib/api/config-service.js';
import { MetricsService } from '../../lib/api/metrics-service.js';
import { loadPg } from '../../lib/services/events/postgres/load-pg.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { override } from '../../lib/testing/override.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { NatsPlace } from './harness/nats.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

/** A backend whose events all become dead letters, and what it tells of those that are dropped. */
async function startFailing(events: JsonObject) {
  const metrics = mockServices.metrics();
  const handler = (): never => {
    throw new Error('no');
  };
  const search = subscriber('search', { index: { options: { maxAttempts: 1 }, handler } });
  const backend = await startEvents([StorePlugin, search], {
    events,
    overrides: [override(MetricsService).withValue(metrics)],
  });
  return Object.assign(backend, {
    letters: () => backend.eventsOf('search').getDeadLetters('index'),
    /** How many were counted, by why. */
    dropped: () => {
      const counts: Record<string, number> = {};
      for (const { name, attributes, value } of metrics.measurements) {
        if (name !== 'events.dropped') continue;
        const why = String(attributes!['why']);
        counts[why] = (counts[why] ?? 0) + value;
      }
      return counts;
    },
    lines: () => backend.logger.entries.filter(({ message }) => message.startsWith('Dead letters were dropped')),
  });
}

describe('dead letters that are dropped', function () {
  this.timeout(60_000);

  it('from memory, since there are too many, are counted and logged', async () => {
    await using backend = await startFailing({ memory: { maxDeadLetters: 2 } });

    for (let n = 0; n < 5; n += 1) await backend.publish(`${n}`);
    await until('three to be dropped', () => backend.dropped()['dead-no-room'] === 3);

    expect(await backend.letters()).to.have.length(2);
    expect(backend.lines()[0]).to.have.property('level', 'error');
  });

  describe('from PostgreSQL', () => {
    uses('postgres');

    it('since there are too many, are counted and logged', async () => {
      await using place = await PostgresPlace.create();
      const postgres = { maxDeadLetters: 2, pollInterval: '100ms' };
      await using backend = await startFailing({
        transport: 'postgres',
        connection: place.url,
        retention: '1s',
        postgres,
      });
      const pool = new (await loadPg()).Pool({ connectionString: place.url, max: 1 });
      await pool.query(`ALTER TABLE backplane_events.events ALTER stored_at SET DEFAULT now() + interval '1 day'`);
      await pool.end();

      for (let n = 0; n < 5; n += 1) await backend.publish(`${n}`);
      await until('three to be dropped', () => backend.dropped()['dead-no-room'] === 3);

      expect(await backend.letters()).to.have.length(2);
      expect(backend.dropped()).to.deep.equal({ 'dead-no-room': 3 });
      expect(backend.lines()[0]).to.have.property('level', 'error');
    });

    it('since they are too old, are counted and logged', async () => {
      await using place = await PostgresPlace.create();
      await using backend = await startFailing({ transport: 'postgres', connection: place.url, retention: '3s' });

      for (let n = 0; n < 3; n += 1) await backend.publish(`${n}`);
      await until('all to be dropped', () => backend.dropped()['dead-too-old'] === 3);

      expect(await backend.letters()).to.deep.equal([]);
      expect(backend.lines()[0]).to.have.property('level', 'error');
    });

    it('are told of by whoever finds them, where their group has no member', async () => {
      await using place = await PostgresPlace.create();
      const events = { transport: 'postgres', connection: place.url };
      {
        await using backend = await startFailing(events);
        await backend.publish('bad');
        await until('the dead letter', async () => (await backend.letters()).length === 1);
      }

      await using later = await startEvents([StorePlugin], { events: { ...events, retention: '1s' } });
      const lines = () => later.logger.entries.filter(({ message }) => message.startsWith('Dead letters were dropped'));
      await later.publish('other');
      await until('the line', () => lines().length > 0);

      expect(lines()[0]).to.have.property('level', 'warn');
      expect(lines()[0]!.meta).to.deep.include({ group: 'search.index', topic: 'store.changed', count: 1 });
    });
  });

  describe('from NATS', () => {
    uses('nats');

    it('since they are too old, are counted and logged by the next member, once', async () => {
      await using place = new NatsPlace();
      const events = { ...place.config, retention: '3s' };
      {
        await using backend = await startFailing(events);
        for (let n = 0; n < 3; n += 1) await backend.publish(`${n}`);
        await until('the dead letters', async () => (await backend.letters()).length === 3);
        await new Promise(resolve => setTimeout(resolve, 3_100));
      }

      const backends = await Promise.all([startFailing(events), startFailing(events)]);
      const counted = () => backends.reduce((sum, { dropped }) => sum + (dropped()['dead-too-old'] ?? 0), 0);
      await until('all to be dropped', () => counted() >= 3);
      const left = await backends[0].letters();
      await Promise.all(backends.map(backend => backend[Symbol.asyncDispose]()));

      expect(counted()).to.equal(3);
      expect(left).to.deep.equal([]);
    });
  });
});
