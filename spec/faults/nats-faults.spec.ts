import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../lib/api/events-service.js';
import { namesOf, startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { NatsPlace } from './harness/nats.js';
import { NatsServer } from './harness/nats-server.js';
import { nightly } from './harness/nightly.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';
import {
  consuming,
  expectAllInOrder,
  type Handled,
  HandledFile,
  publishAll,
  publishUntilTaken,
  untilLong,
} from './harness/numbered-events.js';

describe('events by NATS whose consumer is killed', function () {
  this.timeout(300_000);
  uses('nats');

  it('are handled at least once each, in the order of their key', async () => {
    const count = 10_000;
    await using place = new NatsPlace();
    await using file = await HandledFile.create();
    await using publisher = await startEvents([StorePlugin], { events: place.config });
    {
      // From now on there is a group.
      await using first = consuming(place.config, file);
      await first.started();
      first.kill('SIGTERM');
      await first.exit();
    }

    const published = publishAll(publisher, count);
    for (let killed = 0; killed < nightly(3, 20); killed++) {
      const before = file.read().length;
      await using consumer = consuming(place.config, file);
      await untilLong('some to be handled', () => file.read().length > before + 200);
      consumer.kill('SIGKILL');
    }
    await published;
    const isDone = (): boolean => new Set(file.read().map(one => one.count)).size === count;
    // On a busy machine it takes longer than a child may live.
    for (let rounds = 0; rounds < 5 && !isDone(); rounds++) {
      await using _one = consuming(place.config, file);
      await using _other = consuming(place.config, file);
      await untilLong('all to be handled', isDone, 40_000).catch(() => {});
    }

    expectAllInOrder(file.read(), count);
    expect(file.read().length).to.be.below(count + 1_000);
  });
});

describe('events by a NATS that goes away', function () {
  this.timeout(180_000);
  before(function () {
    if (!NatsServer.isInstalled) this.skip();
  });

  const consumerOf = (got: Event[]) =>
    subscriber('search', { index: { options: { concurrency: 8, maxAttempts: 50 }, handler: e => got.push(e) } });

  it('are all delivered, in order, although it is killed and started again in the middle', async () => {
    const count = 4_000;
    const got: Event[] = [];
    await using server = await NatsServer.start();
    await using place = new NatsPlace(server.url);
    await using backend = await startEvents([StorePlugin, consumerOf(got)], { events: place.config });
    let isHalf = () => {};
    const half = new Promise<void>(resolve => (isHalf = resolve));

    const published = publishAll(backend, count, number => number > count / 2 && isHalf());
    await half;
    await server.kill();
    await sleep(500);
    await server.start();
    await published;
    await untilLong(
      'all to be handled',
      () => new Set(got.map(({ payload }) => (payload as Handled).count)).size === count,
    );

    const handled = got.map(({ key, payload }) => ({ key: key!, count: (payload as Handled).count }));
    expectAllInOrder(handled, count);
  });

  it('are taken once it is back, where it was away when the backends started', async () => {
    const got: Event[] = [];
    await using server = await NatsServer.prepare();
    const place = new NatsPlace(server.url);
    await using backend = await startEvents([StorePlugin, consumerOf(got)], { events: place.config });

    const waiting = backend.publish('early', { key: 'k' });
    await server.start();
    await waiting;
    await untilLong('a later event', async () => {
      await backend.publish('late', { key: 'k' });
      return namesOf(got).includes('late');
    });

    expect(namesOf(got)[0]).to.equal('early');

    await place[Symbol.asyncDispose]();
  });

  it('are refused while nothing of it arrives, and all that was taken is delivered later', async () => {
    const got: Event[] = [];
    await using server = await NatsServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    await using place = new NatsPlace(server.url);
    await using backend = await startEvents([StorePlugin, consumerOf(got)], { events: place.configOf(proxy.url) });
    await backend.publish('first', { key: 'k' });
    await until('the first', () => got.length === 1);

    await proxy.set('blackhole');
    const error: unknown = await backend.publish('lost?', { key: 'k' }).catch((e: unknown) => e);
    await proxy.set('pass');
    await untilLong('the connection', () => backend.logger.entries.length > 0);
    await publishUntilTaken(backend, 'second');
    await untilLong('the second', () => namesOf(got).includes('second'));

    expect(error).to.have.property('code', 'EVENTS_UNREACHABLE');
    expect(namesOf(got).filter(name => name !== 'lost?')).to.deep.equal(['first', 'second']);
  });

  it('do not keep a backend from stopping', async () => {
    await using server = await NatsServer.start();
    const place = new NatsPlace(server.url);
    const backend = await startEvents([StorePlugin, consumerOf([])], { events: place.config });
    await backend.publish('first');
    await server.kill();

    const begin = performance.now();
    await backend[Symbol.asyncDispose]();
    const duration = performance.now() - begin;
    await server.start();
    await place[Symbol.asyncDispose]();

    expect(duration).to.be.below(10_000);
  });

  it('say nothing of how it lets them in', async () => {
    const password = randomBytes(12).toString('hex');
    await using server = await NatsServer.start('--user', 'events', '--pass', password);
    const connection = server.url.replace('//', `//events:${password}@`);
    const place = new NatsPlace(server.url);
    const wrong = connection.replace(password, `${password}-not`);
    const got: Event[] = [];
    const events = { ...place.configOf(wrong), publishTimeout: '1s' };
    await using refused = await startEvents([StorePlugin], { events });
    const error: unknown = await refused.publish('never').catch((e: unknown) => e);

    await using backend = await startEvents([StorePlugin, consumerOf(got)], { events: place.configOf(connection) });
    await backend.publish('first');
    await until('the first', () => got.length === 1);

    expect(error).to.have.property('code', 'EVENTS_UNREACHABLE');
    const told = JSON.stringify([String(error), error, refused.logger.entries, backend.logger.entries]);
    expect(told).not.to.include(password);
  });
});
