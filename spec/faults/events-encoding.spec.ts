import { expect } from 'chai';
import type { Event } from '../../lib/api/events-service.js';
import { DatabaseService } from '../../lib/api/database-service.js';
import { loadPg } from '../../lib/services/events/postgres/load-pg.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { StoringPlugin } from '../services/events/storing-plugin.js';
import { changed } from '../services/events/topics.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('events in a PostgreSQL that does not hold every character', function () {
  this.timeout(60_000);
  uses('postgres');

  for (const encoding of ['LATIN1', 'SQL_ASCII']) {
    it(`arrive as they were published (${encoding})`, async () => {
      const got: Event[] = [];
      await using place = await PostgresPlace.create(encoding);
      const events = { transport: 'postgres', connection: place.url };
      const index = { options: { maxAttempts: 2 }, handler: (e: Event) => got.push(e) };
      await using backend = await startEvents([StorePlugin, subscriber('search', { index })], { events });
      const keys = ['鍵', 'é', '=', '=abc', 'plain', '\u{10FFFF}'.repeat(256), '一'.repeat(512)];

      await Promise.all(
        keys.map(key => backend.publish(`${key} \\u00e9 \0 日本`, { key, metadata: { author: '湊' } })),
      );
      await until('all', () => got.length >= keys.length);

      expect(got.map(({ key }) => key)).to.have.members(keys);
      for (const { key, payload, metadata } of got) {
        expect(payload).to.have.property('name', `${key} \\u00e9 \0 日本`);
        expect(metadata).to.have.property('author', '湊');
      }
    });
  }

  it('become dead letters that say why, and hold nothing up', async () => {
    const got: string[] = [];
    await using place = await PostgresPlace.create('LATIN1');
    const events = { transport: 'postgres', connection: place.url };
    await using backend = await startEvents(
      [
        StorePlugin,
        subscriber('search', {
          index: {
            options: { maxAttempts: 1 },
            handler: ({ payload }) => {
              const { name } = payload as { name: string };
              if (name === 'bad') throw new Error('失敗 \0 \ud800');
              got.push(name);
            },
          },
        }),
      ],
      { events },
    );

    for (const name of ['bad', 'good']) await backend.publish(name, { key: '鍵' });
    await until('the good one', () => got.length > 0);

    const search = backend.eventsOf('search');
    expect(await search.redeliver('index', ['失敗', '\0'])).to.equal(0);
    const [dead] = await search.getDeadLetters('index');
    expect(dead).to.include({ key: '鍵', error: 'Error: \\u5931\\u6557 \\ufffd \\ud800' });
  });

  it('arrive out of a transaction', async () => {
    const got: string[] = [];
    await using place = await PostgresPlace.create('LATIN1');
    const index = { handler: ({ payload }: Event) => got.push((payload as { name: string }).name) };
    await using backend = await startEvents([StoringPlugin, subscriber('search', { index })], {
      events: { transport: 'postgres', connection: place.url },
      database: { ...place.schemas, synchronize: true },
    });
    const dataSource = await backend.backend.get(DatabaseService, { pluginId: 'store' }).getDataSource();

    await dataSource.transaction(manager =>
      backend.eventsOf('store').publish(changed, { name: '日本' }, { manager, key: '鍵' }),
    );
    await until('the event', () => got.length > 0);

    expect(got).to.deep.equal(['日本']);
  });
});

describe('an event that PostgreSQL refuses', function () {
  this.timeout(60_000);
  uses('postgres');

  it('is refused to its publisher by code, and those that are published with it are not', async () => {
    const got: string[] = [];
    await using place = await PostgresPlace.create();
    const index = { handler: ({ payload }: Event) => got.push((payload as { name: string }).name) };
    const events = { transport: 'postgres', connection: place.url };
    await using backend = await startEvents([StorePlugin, subscriber('search', { index })], { events });
    await backend.publish('first');

    const pool = new (await loadPg()).Pool({ connectionString: place.url, max: 1 });
    await pool.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.payload LIKE '%poison%' THEN RAISE EXCEPTION USING ERRCODE = '22P05'; END IF; RETURN NEW; END $$`);
    await pool.query(
      'CREATE TRIGGER refuse BEFORE INSERT ON backplane_events.events FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    await pool.end();
    const names = ['1', '2', 'poison', '3', '4', '5'];

    const results = await Promise.allSettled(names.map(name => backend.publish(name, { key: 'k' })));
    await until('the others', () => got.length >= 6);

    expect(results.map(({ status }) => status)).to.deep.equal(
      names.map(name => (name === 'poison' ? 'rejected' : 'fulfilled')),
    );
    expect((results[2] as PromiseRejectedResult).reason).to.have.property('code', 'INVALID_EVENT');
    expect(got).to.deep.equal(['first', '1', '2', '3', '4', '5']);
  });
});
