import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../lib/api/events-service.js';
import { namesOf, startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { NatsPlace } from './harness/nats.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';
import {
  consuming,
  expectAllInOrder,
  HandledFile,
  keys,
  publishAll,
  publishUntilTaken,
  untilLong,
} from './harness/numbered-events.js';

describe('events by NATS', function () {
  this.timeout(120_000);
  uses('nats');

  it('that take longer than the server waits are handled once', async () => {
    let begun = 0;
    await using place = new NatsPlace();
    const search = subscriber('search', {
      index: {
        options: { concurrency: 2 },
        handler: async () => {
          begun += 1;
          await sleep(3_000);
        },
      },
    });
    await using one = await startEvents([StorePlugin, search], { events: place.config });
    await using _other = await startEvents([search], { events: place.config });

    await one.publish('keyed', { key: 'k' });
    await one.publish('free');
    await until('both', () => begun === 2);
    await sleep(2_500);

    expect(begun).to.equal(2);
  });

  it('do not meet those of another prefix', async () => {
    const got: Event[] = [];
    await using place = new NatsPlace();
    await using other = new NatsPlace();
    const search = subscriber('search', { index: { handler: e => got.push(e) } });
    await using one = await startEvents([StorePlugin, search], { events: place.config });
    await using another = await startEvents([StorePlugin], { events: other.config });

    await another.publish('other');
    await one.publish('own');
    await until('the own', () => got.length > 0);
    await sleep(100);

    expect(namesOf(got)).to.deep.equal(['own']);
  });

  it('are taken over from a process that hangs, and what that does later changes nothing', async () => {
    const count = 400;
    await using place = new NatsPlace();
    await using file = await HandledFile.create();
    await using publisher = await startEvents([StorePlugin], { events: place.config });
    await using first = consuming(place.config, file, { TAKES: '20' });
    await first.started();
    const published = publishAll(publisher, count);
    await untilLong('some to be handled', () => file.read().length > 20);

    first.kill('SIGSTOP');
    await using second = consuming(place.config, file, { TAKES: '1' });
    const isDone = (): boolean => new Set(file.read().map(one => one.count)).size === count;
    await untilLong('all to be handled', isDone, 40_000);
    const before = file.read();
    first.kill('SIGCONT');
    await sleep(1_500);
    await publishAll(publisher, keys, () => {}, count);
    await untilLong('the rest', () => new Set(file.read().map(one => one.count)).size === count + keys, 20_000);
    await published;

    expectAllInOrder(before, count);
    // What it had begun it ends; everything else is handled once.
    expect(file.read().length).to.be.below(count + keys + 40);
    void second;
  });

  it('that were dead letters come before those that wait for their key', async () => {
    const got: string[] = [];
    let fails = true;
    await using place = new NatsPlace();
    const search = subscriber('search', {
      index: {
        options: { maxAttempts: 2, concurrency: 4 },
        handler: async ({ payload, attempt }) => {
          const { name } = payload as { readonly name: string };
          if (fails && name.startsWith('bad')) throw new Error('not now');
          if (name === 'slow') await sleep(500);
          got.push(`${name} ${attempt}`);
        },
      },
    });
    await using backend = await startEvents([StorePlugin, search], { events: place.config });
    const events = backend.eventsOf('search');
    await backend.publish('bad1', { key: 'k' });
    await backend.publish('bad2', { key: 'k' });
    await until('dead letters', async () => (await events.getDeadLetters('index')).length === 2);
    fails = false;

    await backend.publish('slow', { key: 'k' });
    await backend.publish('waiting', { key: 'k' });
    await sleep(150);
    expect(await events.redeliver('index')).to.equal(2);
    await until('all', () => got.length === 4);
    await backend.publish('last', { key: 'k' });
    await until('the last', () => got.length === 5);

    expect(got).to.deep.equal(['slow 1', 'bad1 1', 'bad2 1', 'waiting 1', 'last 1']);
    expect(await events.getDeadLetters('index')).to.deep.equal([]);
  });

  it('that are too old for a group are told to be lost', async () => {
    await using place = new NatsPlace();
    const search = subscriber('search', { index: { handler: () => {} } });
    const config = { ...place.config, retention: '1s' };
    await (await startEvents([search], { events: config }))[Symbol.asyncDispose]();
    await using publisher = await startEvents([StorePlugin], { events: config });
    for (const name of ['a', 'b', 'c']) await publisher.publish(name);
    await sleep(2_500);

    await using backend = await startEvents([search], { events: config });
    const told = () => backend.logger.entries.find(({ level }) => level === 'error');
    await until('the log', () => told() !== undefined);

    expect(told()!.meta).to.deep.include({ subscription: 'index', count: 3 });
  });

  it('go on where somebody has deleted the streams', async () => {
    const got: Event[] = [];
    await using place = new NatsPlace();
    const search = subscriber('search', { index: { handler: e => got.push(e) } });
    await using backend = await startEvents([StorePlugin, search], { events: place.config });
    await backend.publish('first', { key: 'k' });
    await until('the first', () => got.length === 1);

    await place.clear('_topic_store_changed');
    await publishUntilTaken(backend, 'second');
    await untilLong('the consumer', async () => {
      await backend.publish('third', { key: 'k' });
      return namesOf(got).includes('third');
    });
    await place.clear();
    await untilLong('the consumer', async () => {
      await publishUntilTaken(backend, 'fourth');
      return namesOf(got).includes('fourth');
    });

    expect(namesOf(got)[0]).to.equal('first');
  });

  it('that are larger than the server takes are refused', async () => {
    await using place = new NatsPlace();
    const config = { ...place.config, maxEventSize: 4_000_000 };
    await using backend = await startEvents([StorePlugin], { events: config });

    const error: unknown = await backend.publish('x'.repeat(2_000_000)).catch((e: unknown) => e);
    await backend.publish('small');

    expect(error).to.have.property('code', 'INVALID_EVENT');
  });
});
