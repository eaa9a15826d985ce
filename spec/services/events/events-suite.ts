import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../lib/api/config-service.js';
import type { Event } from '../../../lib/api/events-service.js';
import { until } from '../../faults/harness/until.js';
import { namesOf, startEvents, StorePlugin, subscriber } from './events-fixture.js';
import { changed, secret } from './topics.js';

/** Where the events of one test are, until it is over. */
export interface EventsPlace extends AsyncDisposable {
  /** Its `backend.events`. */
  readonly config: JsonObject;
}

interface EventsSuiteOptions {
  /** Whether two backends share it, and it outlives both. */
  readonly isShared: boolean;
}

/** What holds for events, whichever transport carries them. */
export function eventsOn(transport: string, open: () => Promise<EventsPlace>, { isShared }: EventsSuiteOptions): void {
  describe(`events by ${transport}`, () => {
    let place: EventsPlace;
    const start = (...features: Parameters<typeof startEvents>[0][number][]) =>
      startEvents(features, { events: place.config });

    beforeEach(async () => {
      place = await open();
    });
    afterEach(() => place[Symbol.asyncDispose]());

    it('arrive with what was published with them, in a frozen copy', async () => {
      const got: Event[] = [];
      await using backend = await start(StorePlugin, subscriber('search', { index: { handler: e => got.push(e) } }));

      await backend.publish('first', { key: 'k', metadata: { reason: 'new', source: 'forged' } });
      await until('the event', () => got.length > 0);

      const [event] = got;
      expect(event).to.deep.include({ topic: 'store.changed', source: 'store', key: 'k', attempt: 1 });
      expect(event!.payload).to.deep.equal({ name: 'first', count: 0 });
      expect(event!.metadata).to.deep.equal({ reason: 'new', source: 'store' });
      expect(event!.publishedAt).to.be.instanceOf(Date);
      expect(event!.id).to.match(/^[\w-]{16,}$/);
      for (const part of [event, event!.payload, event!.metadata]) expect(Object.isFrozen(part)).to.equal(true);
    });

    it('arrive at each consumer group, each with a copy of its own', async () => {
      const got: Event[] = [];
      const handler = (e: Event): unknown => got.push(e);
      await using backend = await start(
        StorePlugin,
        subscriber('search', { index: { handler }, count: { handler } }),
        subscriber('mail', { index: { handler } }),
      );

      await backend.publish('first');
      await until('three deliveries', () => got.length === 3);

      expect(new Set(got.map(({ id }) => id)).size).to.equal(1);
      expect(new Set(got.map(({ payload }) => payload)).size).to.equal(3);
    });

    it('of one key arrive in the order in which they were published, although nobody has waited', async () => {
      const got: Event[] = [];
      const options = { concurrency: 8 };
      await using backend = await start(
        StorePlugin,
        subscriber('search', { index: { options, handler: e => got.push(e) } }),
      );
      const wanted = Array.from({ length: 60 }, (_, n) => `${n}`);

      await Promise.all(wanted.map(name => backend.publish(name, { key: 'k' })));
      await until('all', () => got.length >= wanted.length);

      expect(namesOf(got)).to.deep.equal(wanted);
    });

    it('that fail hold back later ones of their key, and of no other', async () => {
      const got: Event[] = [];
      let mayPass = false;
      await using backend = await start(
        StorePlugin,
        subscriber('search', {
          index: {
            options: { maxAttempts: 1_000, concurrency: 4 },
            handler: e => {
              if ((e.payload as { name: string }).name === 'a1' && !mayPass) throw new Error('not yet');
              got.push(e);
            },
          },
        }),
      );

      for (const name of ['a1', 'a2', 'b1', 'b2', 'a3']) await backend.publish(name, { key: name[0]! });
      await until('the other key', () => namesOf(got).includes('b2'));
      await sleep(100);
      const before = namesOf(got);
      mayPass = true;
      await until('all', () => got.length >= 5);

      expect(before).to.deep.equal(['b1', 'b2']);
      expect(namesOf(got)).to.deep.equal(['b1', 'b2', 'a1', 'a2', 'a3']);
      expect(got.find(e => (e.payload as { name: string }).name === 'a1')!.attempt).to.be.above(1);
    });

    it('that fail come again after a while, and say which attempt it is', async () => {
      const attempts: number[] = [];
      await using backend = await start(
        StorePlugin,
        subscriber('search', {
          index: {
            handler: async e => {
              attempts.push(e.attempt);
              if (e.attempt < 3) throw new Error('not yet');
            },
          },
        }),
      );

      await backend.publish('first');
      await until('three attempts', () => attempts.length >= 3);
      await sleep(150);

      expect(attempts).to.deep.equal([1, 2, 3]);
    });

    it('that always fail become dead letters, which are listed, and delivered again when somebody says so', async () => {
      const got: Event[] = [];
      let fails = true;
      await using backend = await start(
        StorePlugin,
        subscriber('search', {
          index: {
            options: { maxAttempts: 2 },
            handler: e => {
              if (fails && (e.payload as { name: string }).name !== 'good') throw new Error('out of order');
              got.push(e);
            },
          },
        }),
      );
      const events = backend.eventsOf('search');

      for (const name of ['bad', 'worse', 'good']) await backend.publish(name, { key: 'k', metadata: { by: name } });
      await until('the good one', () => got.length > 0);
      const dead = await events.getDeadLetters('index');
      fails = false;
      const count = await events.redeliver('index', [dead[1]!.id]);
      await until('the second', () => got.length > 1);

      expect(dead.map(({ metadata }) => metadata['by'])).to.deep.equal(['bad', 'worse']);
      expect(dead[0]).to.deep.include({ subscription: 'index', topic: 'store.changed', key: 'k', attempts: 2 });
      expect(dead[0]!.error).to.equal('Error: out of order');
      expect(JSON.parse(dead[0]!.payload)).to.deep.equal({ name: 'bad', count: 0 });
      expect(count).to.equal(1);
      expect(namesOf(got)).to.deep.equal(['good', 'worse']);
      expect(got[1]!.attempt).to.equal(1);
      expect(await events.getDeadLetters('index')).to.have.length(1);
      expect(await events.redeliver('index')).to.equal(1);
      await until('the first', () => got.length > 2);
      expect(await events.getDeadLetters('index')).to.have.length(0);
    });

    it('that fail again at once are delivered again once, and not for as long as they fail', async () => {
      await using backend = await start(
        StorePlugin,
        subscriber('search', {
          index: {
            options: { maxAttempts: 1 },
            handler: () => {
              throw new Error('out of order');
            },
          },
        }),
      );
      const events = backend.eventsOf('search');
      const allDead = () => until('all', async () => (await events.getDeadLetters('index')).length === 20);
      for (let n = 0; n < 20; n++) await backend.publish(`${n}`);
      await allDead();

      const count = await events.redeliver('index');
      await allDead();

      expect(count).to.equal(20);
    });

    it('are handled so many at a time as the subscription says, and never two of one key', async () => {
      const running: string[] = [];
      let most = 0;
      let twice = false;
      let done = 0;
      await using backend = await start(
        StorePlugin,
        subscriber('search', {
          index: {
            options: { concurrency: 3 },
            handler: async ({ key }) => {
              twice ||= running.includes(key!);
              running.push(key!);
              most = Math.max(most, running.length);
              await sleep(10);
              running.splice(running.indexOf(key!), 1);
              done += 1;
            },
          },
        }),
      );

      await Promise.all(Array.from({ length: 30 }, (_, n) => backend.publish(`${n}`, { key: `k${n % 5}` })));
      await until('all', () => done >= 30);

      expect(most).to.equal(3);
      expect(twice).to.equal(false);
    });

    it('whose handling takes too long are aborted, and come again', async () => {
      const reasons: unknown[] = [];
      let handled = 0;
      await using backend = await start(
        StorePlugin,
        subscriber('search', {
          index: {
            options: { timeout: 30 },
            handler: async (e, signal) => {
              if (e.attempt > 1) handled = e.attempt;
              else await sleep(20_000, undefined, { signal }).catch(() => reasons.push(signal.reason));
            },
          },
        }),
      );

      await backend.publish('slow');
      await until('the second attempt', () => handled > 0);

      expect(handled).to.equal(2);
      expect(String(reasons[0])).to.contain('Not handled in 30 ms');
    });

    it('reach whoever is well, whatever others do', async () => {
      const got: Event[] = [];
      const hanging = new AbortController();
      await using backend = await start(
        StorePlugin,
        subscriber('slow', { index: { handler: () => sleep(20_000, undefined, { signal: hanging.signal }) } }),
        subscriber('bad', {
          index: {
            handler: () => {
              throw new Error('no');
            },
          },
        }),
        subscriber('good', { index: { handler: e => got.push(e) } }),
      );

      await Promise.all(Array.from({ length: 50 }, (_, n) => backend.publish(`${n}`)));
      await until('all', () => got.length >= 50);
      hanging.abort();

      expect(new Set(namesOf(got)).size).to.equal(50);
    });

    it('of a private topic reach its plugin, and nobody who declares it anew', async () => {
      const got: string[] = [];
      const forged = { ...secret, private: false };
      await using backend = await start(
        subscriber('store', { own: { topic: secret, handler: () => got.push('own') } }),
        subscriber('store-two', { index: { topic: forged, handler: () => got.push('foreign') } }),
        subscriber('other', { index: { handler: () => got.push('public') } }),
      );

      await backend.eventsOf('store').publish(secret, { name: 'mine' });
      await backend.publish('later');
      await until('both', () => got.length >= 2);
      await sleep(50);

      expect(got.toSorted()).to.deep.equal(['own', 'public']);
    });

    it('that are being handled when the backend stops are waited for', async () => {
      let ended = false;
      let begun = false;
      const backend = await start(
        StorePlugin,
        subscriber('search', {
          index: {
            handler: async () => {
              begun = true;
              await sleep(100);
              ended = true;
            },
          },
        }),
      );

      await backend.publish('first');
      await until('the handler', () => begun);
      await backend[Symbol.asyncDispose]();

      expect(ended).to.equal(true);
    });

    it('cannot be published once the plugin has stopped', async () => {
      const backend = await start(StorePlugin);
      const events = backend.eventsOf('store');
      await backend[Symbol.asyncDispose]();

      const error: unknown = await events.publish(changed, { name: 'late' }).catch((e: unknown) => e);

      expect(error).to.have.property('code', 'EVENTS_CLOSED');
    });

    if (!isShared) return;

    it('wait for a group that has no member', async () => {
      const got: Event[] = [];
      const search = subscriber('search', { index: { handler: e => got.push(e) } });
      await (await start(search))[Symbol.asyncDispose]();
      {
        await using publisher = await start(StorePlugin);
        await publisher.publish('first');
        await publisher.publish('second');
      }

      await using _consumer = await start(search);
      await until('both', () => got.length >= 2);

      expect(namesOf(got)).to.deep.equal(['first', 'second']);
    });

    it('go to one member of each group', async () => {
      const got: string[] = [];
      const member = (id: string) =>
        subscriber('search', { index: { handler: e => got.push(`${id} ${namesOf([e]).join()}`) } });
      await using _first = await start(member('a'));
      await using _second = await start(member('b'));
      await using publisher = await start(
        StorePlugin,
        subscriber('mail', { send: { handler: e => got.push(namesOf([e]).join()) } }),
      );

      await Promise.all(Array.from({ length: 40 }, (_, n) => publisher.publish(`${n}`)));
      await until('all', () => got.length >= 80);
      await sleep(100);

      const ofSearch = got.filter(line => line.includes(' ')).map(line => line.split(' ')[1]);
      expect(new Set(ofSearch).size).to.equal(40);
      expect(got).to.have.length(80);
    });

    it('of one key have one handler at a time, whichever backend it is in', async () => {
      let running = 0;
      let most = 0;
      const order: string[] = [];
      const member = () =>
        subscriber('search', {
          index: {
            options: { concurrency: 4 },
            handler: async e => {
              running += 1;
              most = Math.max(most, running);
              await sleep(5);
              order.push(...namesOf([e]));
              running -= 1;
            },
          },
        });
      await using _first = await start(member());
      await using _second = await start(member());
      await using publisher = await start(StorePlugin);
      const wanted = Array.from({ length: 25 }, (_, n) => `${n}`);

      await Promise.all(wanted.map(name => publisher.publish(name, { key: 'k' })));
      await until('all', () => order.length >= wanted.length);

      expect(order).to.deep.equal(wanted);
      expect(most).to.equal(1);
    });

    it('that a stopping member gives back go to another at once, and it is no attempt', async () => {
      const attempts: number[] = [];
      let isHanging = false;
      const hanging = subscriber('search', {
        index: {
          handler: (_e, signal) => {
            isHanging = true;
            return sleep(20_000, undefined, { signal });
          },
        },
      });
      const first = await startEvents([hanging], { events: { ...place.config, drainTimeout: 50 } });
      await using publisher = await start(StorePlugin);
      await publisher.publish('first');
      await until('the first member', () => isHanging);

      await first[Symbol.asyncDispose]();
      await using _second = await start(subscriber('search', { index: { handler: e => attempts.push(e.attempt) } }));
      await until('the second member', () => attempts.length > 0);

      expect(attempts).to.deep.equal([1]);
    });
  });
}
