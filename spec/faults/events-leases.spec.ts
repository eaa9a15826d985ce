import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadPg } from '../../lib/services/events/postgres/load-pg.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { ChildBackend } from './harness/child-backend.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { uses } from './harness/servers.js';
import { postgresPlace, type TransportPlace, transportPlaces } from './harness/transport-places.js';
import { until } from './harness/until.js';

/** Handles events until their signals abort. */
const hanging = (begun: string[], reasons: string[]) =>
  subscriber('search', {
    index: {
      handler: async ({ payload }, signal) => {
        begun.push((payload as { name: string }).name);
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
        reasons.push(String(signal.reason));
      },
    },
  });

for (const [id, open] of transportPlaces) {
  describe(`an event by ${id} whose member loses it`, function () {
    this.timeout(90_000);
    uses(id);

    let place: TransportPlace;
    beforeEach(async () => {
      place = await open();
    });
    afterEach(() => place[Symbol.asyncDispose]());

    it('since its process is stopped, is handled by another one, and its handler is told as soon as that goes on', async () => {
      const events = place.configBy(place.url);
      const got: string[] = [];
      await using stopped = await new ChildBackend('stopped-events', { backend: { events, database: {} } }).started(
        30_000,
      );
      await using publisher = await startEvents([StorePlugin], { events });
      await publisher.publish('first', { key: 'k' });
      await stopped.line(({ message }) => message === 'Begun first', 30_000);

      stopped.kill('SIGSTOP');
      const search = subscriber('search', {
        index: { handler: ({ payload, attempt }) => got.push(`${(payload as { name: string }).name} ${attempt}`) },
      });
      await using _other = await startEvents([search], { events });
      await publisher.publish('second', { key: 'k' });
      await until('both', () => got.length === 2);
      stopped.kill('SIGCONT');
      const { message } = await stopped.line(line => line.message.startsWith('Aborted'), 30_000);
      await publisher.publish('third', { key: 'other' });
      await until('the third', () => got.length === 3 || stopped.log.text.includes('Begun third'));

      expect(message).to.contain('Its lease is lost');
      expect(got.slice(0, 2)).to.deep.equal(['first 2', 'second 1']);
    });

    it('since nothing arrives any more, has its handler told after the lease', async () => {
      const [begun, reasons]: [string[], string[]] = [[], []];
      await using proxy = await FaultProxy.before(new URL(place.url));
      await using backend = await startEvents([StorePlugin, hanging(begun, reasons)], {
        events: place.configBy(proxy.url),
      });
      await backend.publish('first', { key: 'k' });
      await until('the handler', () => begun.length > 0);
      // Longer than the lease, which is renewed.
      await sleep(1_500);
      const before = [...reasons];

      await proxy.set('blackhole');
      await until('the signal', () => reasons.length > 0);
      await proxy.set('pass');
      // It has not been handled, and comes again.
      await until('the next attempt', () => begun.length > 1);

      expect(before).to.deep.equal([]);
      expect(reasons[0]).to.contain('Its lease is lost');
    });
  });
}

for (const fault of ['reset', 'blackhole'] as const) {
  describe(`an event by postgres that is being handled when that is away (${fault})`, function () {
    this.timeout(60_000);
    uses('postgres');

    it('does not keep the backend from stopping, and comes again', async () => {
      const [begun, reasons]: [string[], string[]] = [[], []];
      await using place = await postgresPlace();
      await using proxy = await FaultProxy.before(new URL(place.url));
      const backend = await startEvents([StorePlugin, hanging(begun, reasons)], { events: place.configBy(proxy.url) });
      await backend.publish('first', { key: 'k' });
      await until('the handler', () => begun.length > 0);

      await proxy.set(fault);
      await backend[Symbol.asyncDispose]();
      await using _later = await startEvents([hanging(begun, reasons)], { events: place.configBy(place.url) });
      await until('the next attempt', () => begun.length > 1);

      expect(begun).to.deep.equal(['first', 'first']);
    });
  });
}

describe('an event by postgres that somebody else has got', function () {
  this.timeout(60_000);
  uses('postgres');

  it('has its handler told at the next renewal, and what that says of it later changes nothing', async () => {
    const [begun, reasons]: [string[], string[]] = [[], []];
    await using place = await postgresPlace();
    await using backend = await startEvents([StorePlugin, hanging(begun, reasons)], {
      events: place.configBy(place.url),
    });
    await backend.publish('first', { key: 'k' });
    await until('the handler', () => begun.length > 0);
    const pool = new (await loadPg()).Pool({ connectionString: place.url, max: 1 });
    try {
      await pool.query(`UPDATE backplane_events.deliveries SET holder = 'other', due_at = now() + interval '1 minute'`);
      await until('the signal', () => reasons.length > 0);
      await backend.publish('free', { key: 'other' });
      await until('what was done is kept', () => begun.length > 1);
      const { rows } = await pool.query(
        `SELECT holder, attempt, is_dead FROM backplane_events.deliveries ORDER BY seq`,
      );

      expect(reasons[0]).to.contain('Its lease is lost');
      expect(rows[0]).to.deep.equal({ holder: 'other', attempt: 1, is_dead: false });
    } finally {
      await pool.end();
    }
  });
});
