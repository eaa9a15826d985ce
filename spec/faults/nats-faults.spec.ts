import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../lib/api/config-service.js';
import type { Event } from '../../lib/api/events-service.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { changed } from '../services/events/topics.js';
import { ChildBackend } from './harness/child-backend.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { NatsPlace } from './harness/nats.js';
import { NatsServer } from './harness/nats-server.js';
import { nightly } from './harness/nightly.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

const keys = 50;

interface Handled {
  readonly key: string;
  readonly count: number;
}

/** What consumers have written, in the order in which they have handled it. */
class HandledFile implements AsyncDisposable {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'handled');
  }

  static async create(): Promise<HandledFile> {
    return new this(await mkdtemp(join(tmpdir(), 'events-')));
  }

  read(): Handled[] {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      return [];
    }
    const lines = text.split('\n').filter(line => line !== '');
    return lines.map(line => {
      const [key = '', count] = line.split(' ');
      return { key, count: Number(count) };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

/** Each number was handled at least once, and those of a key one after the other; again only where nothing came after. */
function expectAllInOrder(handled: readonly Handled[], count: number): void {
  expect(new Set(handled.map(one => one.count)).size).to.equal(count);
  const last = new Map<string, number>();
  for (const { key, count: number } of handled) {
    const before = last.get(key) ?? Number(key.slice(1)) - keys;
    expect(number, `after ${before} of ${key}`).to.be.oneOf([before, before + keys]);
    last.set(key, number);
  }
}

type Backend = Awaited<ReturnType<typeof startEvents>>;

/** Publishes numbers as fast as they are taken, each with one of the keys; what is refused is published again. */
async function publishAll(
  backend: Backend,
  count: number,
  each = (_number: number): void => {},
  from = 0,
): Promise<void> {
  const events = backend.eventsOf('store');
  const ofKey = async (first: number): Promise<void> => {
    for (let number = from + first; number < from + count; number += keys) {
      await events.publish(changed, { name: 'n', count: number }, { key: `k${first}` });
      each(number);
    }
  };
  await Promise.all(Array.from({ length: keys }, (_, first) => ofKey(first)));
}

async function untilLong(what: string, isSo: () => boolean | Promise<boolean>, patience = 90_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${patience} ms for: ${what}`);
    await sleep(100);
  }
}

const consuming = (config: JsonObject, file: HandledFile, env: Record<string, string> = {}) =>
  new ChildBackend('consuming-events', {
    backend: { events: { ...config, retry: { initialDelay: 20 } } },
    env: { HANDLED: file.path, CONCURRENCY: '32', ...env },
  });

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

const namesOf = (events: readonly Event[]): string[] =>
  events.map(({ payload }) => (payload as { readonly name: string }).name);

async function publishUntilTaken(backend: Backend, name: string): Promise<void> {
  for (;;) {
    try {
      return await backend.publish(name, { key: 'k' });
    } catch {
      await sleep(100);
    }
  }
}

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
