import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect } from 'chai';
import { inspect } from 'node:util';
import type { JsonObject } from '../../lib/api/config-service.js';
import type { Event } from '../../lib/api/events-service.js';
import { MetricsService } from '../../lib/api/metrics-service.js';
import { NatsNames, tokenOf } from '../../lib/services/events/nats/nats-names.js';
import { loadPg } from '../../lib/services/events/postgres/load-pg.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { override } from '../../lib/testing/override.js';
import { namesOf, startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { NatsPlace } from './harness/nats.js';
import { pause } from './harness/pause.js';
import { PostgresPlace } from './harness/postgres.js';
import { urlOf, uses } from './harness/servers.js';
import { until } from './harness/until.js';

/** A backend that handles one event after the other, and what it tells of those that it cannot read. */
async function startReading(events: JsonObject) {
  const got: Event[] = [];
  const metrics = mockServices.metrics();
  const backend = await startEvents([StorePlugin, subscriber('search', { index: { handler: e => got.push(e) } })], {
    events,
    overrides: [override(MetricsService).withValue(metrics)],
  });
  return Object.assign(backend, {
    got,
    letters: () => backend.eventsOf('search').getDeadLetters('index'),
    redeliver: () => backend.eventsOf('search').redeliver('index'),
    errors: () => backend.logger.entries.filter(({ level }) => level === 'error'),
    /** How many were counted by what says so. */
    counted: (counter: string, attribute: string, value: string) =>
      metrics.measurements
        .filter(({ name, attributes }) => name === counter && attributes![attribute] === value)
        .reduce((sum, one) => sum + one.value, 0),
  });
}

async function query(place: PostgresPlace, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const pool = new (await loadPg()).Pool({ connectionString: place.url, max: 1 });
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await pool.query(statement));
    return rows;
  } finally {
    await pool.end();
  }
}

describe('an event that somebody has broken in PostgreSQL', function () {
  this.timeout(60_000);
  uses('postgres');

  for (const [flaw, change, correction] of [
    ['metadata that are no JSON', `metadata := 'hush'`, `metadata = '{}'`],
    ['metadata that are null', `metadata := 'null'`, `metadata = '{}'`],
    ['metadata that are a list', `metadata := '["hush"]'`, `metadata = '{}'`],
    ['metadata that are no texts', `metadata := '{"hush":1}'`, `metadata = '{}'`],
    ['a time that is none', `published_at := 'NaN'`, `published_at = 0`],
    ['a payload that is no JSON', `payload := 'hush'`, `payload = '{"name":"broken"}'`],
  ] as const) {
    it(`to ${flaw} becomes a dead letter, holds nothing up, and arrives once it is corrected`, async () => {
      await using place = await PostgresPlace.create();
      await using backend = await startReading({ transport: 'postgres', connection: place.url });
      await query(
        place,
        `CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.${change}; RETURN NEW; END $$`,
        `CREATE TRIGGER break BEFORE INSERT ON backplane_events.events FOR EACH ROW
         WHEN (NEW.payload LIKE '%broken%') EXECUTE FUNCTION break()`,
      );
      for (const name of ['first', 'broken', 'last']) await backend.publish(name, { key: 'k' });
      await backend.publish('free');
      await until('the others', () => backend.got.length >= 3);

      const select = 'SELECT e.* FROM backplane_events.events e JOIN backplane_events.deliveries d ON d.seq = e.seq';
      const [row] = await query(place, select);
      const letters = await backend.letters();
      const told = backend.errors();
      expect(namesOf(backend.got).filter(name => name !== 'free')).to.deep.equal(['first', 'last']);
      expect(letters).to.have.length(1);
      expect(letters[0]).to.include({ id: row!['id'], payload: row!['payload'], key: 'k', attempts: 1 });
      expect(letters[0]!.error).to.contain('INVALID_EVENT').and.not.contain('hush');
      if (!flaw.startsWith('a payload'))
        expect(letters[0]!.error).to.contain(`row ${String(row!['seq'])} of 'backplane_events.events'`);
      expect(told).to.have.length(1);
      expect(told[0]!.meta).to.include({ topic: 'store.changed', subscription: 'index', event: row!['id'] });
      expect(inspect(told[0], { depth: null }))
        .to.contain('INVALID_EVENT')
        .and.not.contain('hush');
      expect(backend.counted('events.deliveries', 'outcome', 'dead')).to.equal(1);

      await query(place, `UPDATE backplane_events.events SET ${correction} WHERE id = '${letters[0]!.id}'`);
      const count = await backend.redeliver();
      await until('the corrected one', () => backend.got.length === 4);

      expect(count).to.equal(1);
      expect(namesOf(backend.got).at(-1)).to.equal('broken');
      expect(await backend.letters()).to.deep.equal([]);
    });
  }

  it('by renaming a column waits, which is told once, and arrives once it has its name again', async () => {
    await using place = await PostgresPlace.create();
    await using backend = await startReading({ transport: 'postgres', connection: place.url });
    const refusals = () =>
      backend.logger.entries.filter(({ message }) => message.includes('does not let them be taken'));
    await query(place, 'ALTER TABLE backplane_events.deliveries RENAME COLUMN holder TO other');

    await backend.publish('first');
    await until('it to be told', () => refusals().length > 0);
    await pause(1_000);
    const told = refusals();
    await query(place, 'ALTER TABLE backplane_events.deliveries RENAME COLUMN other TO holder');
    await until('the event', () => backend.got.length === 1);

    expect(told).to.have.length(1);
    expect(told[0]!.meta).to.include({ topic: 'store.changed' });
    expect(inspect(told[0]!.meta)).to.contain('holder');
  });

  it('by deleting it holds nothing up, and is told', async () => {
    await using place = await PostgresPlace.create();
    await using backend = await startReading({ transport: 'postgres', connection: place.url });
    await query(
      place,
      `CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         DELETE FROM backplane_events.events WHERE payload LIKE '%broken%'; RETURN NULL; END $$`,
      `CREATE TRIGGER break AFTER INSERT ON backplane_events.deliveries EXECUTE FUNCTION break()`,
    );

    for (const name of ['first', 'broken', 'last']) await backend.publish(name, { key: 'k' });
    await until('the last', () => backend.got.length >= 2);

    expect(namesOf(backend.got)).to.deep.equal(['first', 'last']);
    expect(backend.counted('events.dropped', 'why', 'deleted')).to.equal(1);
    expect(backend.errors()).to.have.length(1);
    await until(
      'nothing to be left',
      async () => (await query(place, 'SELECT FROM backplane_events.deliveries')).length === 0,
    );
  });
});

describe('what somebody has broken of how far a group is, in NATS', function () {
  this.timeout(60_000);
  uses('nats');

  for (const text of ['', 'hush', 'null', '[]', '{}', '{"settled":{"event":"1","again":0}}']) {
    it(`to '${text}' is told, and holds nothing up`, async () => {
      await using place = new NatsPlace();
      await using backend = await startReading(place.config);
      await backend.publish('first', { key: 'k' });
      await until('the first', () => backend.got.length === 1);

      const connection = await connect({ servers: urlOf('nats').href });
      const manager = await jetstreamManager(connection);
      const { prefix, keys } = new NatsNames(place.prefix);
      const { subject } = (await manager.streams.getMessage(keys, { last_by_subj: `${prefix}.key.>` }))!;
      await jetstream(connection).publish(subject, text);
      await connection.close();
      for (const name of ['second', 'last']) await backend.publish(name, { key: 'k' });
      await until('the last', () => namesOf(backend.got).includes('last'));

      const told = backend.logger.entries.filter(({ message }) => message.includes('cannot be read'));
      const names = namesOf(backend.got);
      expect(names.slice(names.lastIndexOf('second'))).to.deep.equal(['second', 'last']);
      expect(told).to.have.length(1);
      expect(told[0]!.meta).to.deep.equal({ subject });
    });
  }
});

describe('a message of another program on a stream of NATS', function () {
  this.timeout(60_000);
  uses('nats');

  const about = { id: '1', topic: 'store.changed', source: 'store', isPrivate: false, metadata: {}, publishedAt: 0 };
  const without = (name: keyof typeof about): object => ({ ...about, [name]: undefined });
  const messages = [
    '',
    'hush',
    'null\n{"name":"hush"}',
    ...(['id', 'topic', 'source', 'isPrivate', 'metadata', 'publishedAt'] as const).map(
      name => `${JSON.stringify(without(name))}\n{"name":"hush"}`,
    ),
    `${JSON.stringify({ ...about, metadata: null })}\n{"name":"hush"}`,
    `${JSON.stringify({ ...about, metadata: { hush: 1 } })}\n{"name":"hush"}`,
    `${JSON.stringify({ ...about, key: 1 })}\n{"name":"hush"}`,
  ];

  async function send(
    place: NatsPlace,
    key: string | undefined,
    sent: readonly (string | Uint8Array)[],
  ): Promise<void> {
    const connection = await connect({ servers: urlOf('nats').href });
    const subject = new NatsNames(place.prefix).eventSubject('store.changed', tokenOf(key));
    for (const one of sent) await jetstream(connection).publish(subject, one);
    await connection.close();
  }

  for (const key of ['k', undefined]) {
    const options = key === undefined ? {} : { key };

    it(`that is no event is dropped, told, and holds nothing up, ${key ? 'with' : 'without'} a key`, async () => {
      await using place = new NatsPlace();
      await using backend = await startReading(place.config);
      await backend.publish('first', options);

      await send(place, key, [...messages, new Uint8Array([0xff, 0xfe, 0x0a, 0x7b])]);
      await backend.publish('last', options);
      await until('the last', () => backend.got.length >= 2);

      const told = backend.errors();
      expect(namesOf(backend.got)).to.deep.equal(['first', 'last']);
      expect(backend.counted('events.dropped', 'why', 'no-event')).to.equal(messages.length + 1);
      expect(await backend.letters()).to.deep.equal([]);
      expect(told).to.have.length(1);
      expect(told[0]!.meta).to.include({ topic: 'store.changed', subscription: 'index' });
      expect(inspect(told, { depth: null })).not.to.contain('hush');
    });

    it(`that is an event with a payload that is no JSON is a dead letter, ${key ? 'with' : 'without'} a key`, async () => {
      await using place = new NatsPlace();
      await using backend = await startReading(place.config);
      await backend.publish('first', options);

      await send(place, key, [`${JSON.stringify({ ...about, key })}\nhush`]);
      await backend.publish('last', options);
      await until('the last', () => backend.got.length >= 2);

      const letters = await backend.letters();
      expect(namesOf(backend.got)).to.deep.equal(['first', 'last']);
      expect(letters).to.have.length(1);
      expect(letters[0]).to.include({ id: '1', payload: 'hush' });
      expect(inspect(backend.errors(), { depth: null }))
        .to.contain('INVALID_EVENT')
        .and.not.contain('hush');
    });
  }
});
