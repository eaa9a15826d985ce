import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../lib/api/config-service.js';
import type { Event } from '../../lib/api/events-service.js';
import { namesOf, startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { changed } from '../services/events/topics.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('events through PostgreSQL', function () {
  this.timeout(60_000);
  uses('postgres');

  let place: PostgresPlace;
  let proxy: FaultProxy;
  let events: JsonObject;

  beforeEach(async () => {
    place = await PostgresPlace.create();
    proxy = await FaultProxy.before(new URL(place.url));
    events = {
      transport: 'postgres',
      connection: proxy.url,
      publishTimeout: '8s',
      postgres: { pollInterval: '200ms', lease: '1s' },
    };
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  for (const fault of ['refuse', 'reset'] as const) {
    it(`wait while that is away (${fault}), and travel when it is back, in order`, async () => {
      const got: Event[] = [];
      await using backend = await startEvents(
        [StorePlugin, subscriber('search', { index: { handler: e => got.push(e) } })],
        { events },
      );
      await backend.publish('1', { key: 'k' });
      await until('the first', () => got.length === 1);

      await proxy.set(fault);
      const published = ['2', '3', '4'].map(name => backend.publish(name, { key: 'k' }));
      await sleep(500);
      await proxy.set('pass');
      await Promise.all(published);
      await until('all', () => new Set(namesOf(got)).size === 4);

      expect([...new Set(namesOf(got))]).to.deep.equal(['1', '2', '3', '4']);
    });
  }

  it('are refused by code when that stays away, and the backend stops all the same', async () => {
    const backend = await startEvents([StorePlugin], { events: { ...events, publishTimeout: '300ms' } });
    await backend.publish('1');
    await proxy.set('blackhole');

    const error: unknown = await backend.publish('2').catch((e: unknown) => e);
    await proxy.set('reset');
    await backend[Symbol.asyncDispose]();

    expect(error).to.have.property('code', 'EVENTS_UNREACHABLE');
  });

  it('keep no backend from starting while that is away', async () => {
    const got: unknown[] = [];
    await proxy.set('refuse');
    await using backend = await startEvents(
      [StorePlugin, subscriber('search', { index: { handler: e => got.push(e) } })],
      { events },
    );

    await proxy.set('pass');
    // The group is known once this is read.
    await until('the group', async () => {
      await backend.publish('again');
      return got.length > 0;
    });
  });

  it('have their tables made once where several backends start at the same time', async () => {
    const got: unknown[] = [];
    const search = subscriber('search', { index: { handler: e => got.push(e) } });

    const backends = await Promise.all(
      Array.from({ length: 6 }, () =>
        startEvents([StorePlugin, search], { events: { ...events, connection: place.url } }),
      ),
    );
    await Promise.all(backends.map(backend => backend.publish('one')));
    await until('all', () => got.length >= 6);
    await Promise.all(backends.map(backend => backend[Symbol.asyncDispose]()));

    expect(got).to.have.length(6);
  });

  it('that nobody handles are dropped when they are too old, and somebody is told', async () => {
    const search = subscriber('search', { index: { handler: () => {} } });
    const brief = { ...events, retention: '1s' };
    await (await startEvents([search], { events: brief }))[Symbol.asyncDispose]();
    await using backend = await startEvents([StorePlugin], { events: brief });

    await backend.eventsOf('store').publish(changed, { name: 'late' });
    await until('the line', () =>
      backend.logger.messages('warn').some(message => message.includes('Events were dropped')),
    );
    await using later = await startEvents([search], { events: brief });
    await sleep(300);

    expect(await later.eventsOf('search').getDeadLetters('index')).to.deep.equal([]);
  });

  it('leave no connection behind', async () => {
    const backend = await startEvents([StorePlugin, subscriber('search', { index: { handler: () => {} } })], {
      events,
    });
    await backend.publish('1');
    await backend[Symbol.asyncDispose]();

    await until('no connection', async () => (await place.connections()) === 0);
  });
});
