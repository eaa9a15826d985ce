import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Get, Inject, Module, Plugin, Subscribe } from '../../../decorators/index.js';
import type { Class } from '../../../decorators/tokens.js';
import { currentAccount } from '../../../lib/api/attribution.js';
import { BackendStatusService } from '../../../lib/api/backend-status-service.js';
import { type Event, EventsService } from '../../../lib/api/events-service.js';
import { MetricsService } from '../../../lib/api/metrics-service.js';
import { defineTopic } from '../../../lib/contract/define-topic.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { override } from '../../../lib/testing/override.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { until } from '../../faults/harness/until.js';
import { startEvents, StorePlugin, subscriber } from './events-fixture.js';
import { changed, payload } from './topics.js';

const nameOf = (event: Event): string => (event.payload as { name: string }).name;

describe('Events in memory', () => {
  it('reach the methods of a plugin and of its module', async () => {
    const got: string[] = [];
    @Plugin({ pluginId: 'search' })
    class SearchPlugin {
      @Subscribe(changed, { id: 'index' })
      index(event: Event<typeof changed>): void {
        got.push(`plugin ${nameOf(event)}`);
      }
    }
    @Module({ pluginId: 'search', moduleId: 'extra' })
    class ExtraModule {
      @Subscribe(changed, { id: 'extra-index' })
      index(event: Event<typeof changed>): void {
        got.push(`module ${nameOf(event)}`);
      }
    }
    await using backend = await startEvents([StorePlugin, SearchPlugin, ExtraModule]);

    await backend.publish('a');
    await until('both', () => got.length >= 2);

    expect(got.toSorted()).to.deep.equal(['module a', 'plugin a']);
  });

  it('that are published while plugins start reach those that start later, once these are ready', async () => {
    const got: string[] = [];
    let isReady = false;
    @Plugin({ pluginId: 'store' })
    class EagerPlugin {
      constructor(@Inject(EventsService) private readonly events: EventsService) {}
      async init(): Promise<void> {
        await this.events.publish(changed, { name: 'early' });
      }
    }
    @Plugin({ pluginId: 'search' })
    class LatePlugin {
      async init(): Promise<void> {
        await sleep(100);
        isReady = true;
      }
      @Subscribe(changed, { id: 'index' })
      index(event: Event<typeof changed>): void {
        got.push(`${nameOf(event)} ${isReady}`);
      }
    }

    await using _backend = await startEvents([EagerPlugin, LatePlugin]);
    await until('the event', () => got.length > 0);

    expect(got).to.deep.equal(['early true']);
  });

  it('run on the account of the subscriber, with the trace of the request that led to them', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const seen: unknown[] = [];
    @Plugin({ pluginId: 'store' })
    class AskedPlugin {
      constructor(@Inject(EventsService) private readonly events: EventsService) {}
      @Get('/publish', { allow: 'unauthenticated' })
      async publish(): Promise<void> {
        await this.events.publish(changed, { name: 'asked' }, { metadata: { traceparent: 'forged' } });
      }
    }
    const handler = (event: Event): unknown => seen.push(currentAccount(), event.metadata['traceparent']);
    await using backend = await startEvents([AskedPlugin, subscriber('search', { index: { handler } })]);

    await backend.backend.request.get('/api/store/publish', { headers: { traceparent: trace } });
    await until('the event', () => seen.length > 0);

    expect(seen[0]).to.have.property('pluginId', 'search');
    expect(seen[0]).to.have.nested.property('request.traceparent', trace);
    expect(seen[1]).to.equal(trace);
  });

  it('are not handled where a promise that nobody awaits has failed meanwhile', async () => {
    const attempts: number[] = [];
    await using backend = await startEvents([
      StorePlugin,
      subscriber('search', {
        index: {
          handler: async event => {
            attempts.push(event.attempt);
            // As the process host does with what nobody has caught.
            if (event.attempt === 1) currentAccount()!.request!.fail(new Error('nobody awaits it'));
            await sleep(20);
          },
        },
      }),
    ]);

    await backend.publish('a');
    await until('two attempts', () => attempts.length >= 2);
    await sleep(100);

    expect(attempts).to.deep.equal([1, 2]);
  });

  it('are handled in an async context of their own, and not in that of who has published them', async () => {
    const publisher = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const handler = (): unknown => seen.push(publisher.getStore());
    await using backend = await startEvents([StorePlugin, subscriber('search', { index: { handler } })]);

    await backend.publish('the subscription is open');
    await until('the handler', () => seen.length === 1);
    // Until then the group is looking for more by itself.
    await sleep(20);
    await publisher.run('a request, or a transaction', () => backend.publish('a'));
    await until('the handler', () => seen.length === 2);

    expect(seen).to.deep.equal([undefined, undefined]);
  });

  it('stay in order where their schema takes its time', async () => {
    const got: number[] = [];
    const slow = payload.refine(async ({ count }) => {
      await sleep(10 - count);
      return true;
    });
    const topic = defineTopic({ pluginId: 'store', id: 'slow', payload: slow });
    await using backend = await startEvents([
      StorePlugin,
      subscriber('search', { index: { topic, handler: e => got.push((e.payload as { count: number }).count) } }),
    ]);

    const wanted = [0, 1, 2, 3, 4, 5];
    const events = backend.eventsOf('store');
    await Promise.all(wanted.map(count => events.publish(topic, { name: 'a', count }, { key: 'k' })));
    await until('all', () => got.length >= wanted.length);

    expect(got).to.deep.equal(wanted);
  });

  it('become dead letters at once where the subscriber has a schema that they do not fit', async () => {
    const other = z.object({ name: z.string(), reason: z.string() });
    const newer = defineTopic({ pluginId: 'store', id: 'changed', payload: other });
    const called: unknown[] = [];
    await using backend = await startEvents([
      StorePlugin,
      subscriber('search', { index: { topic: newer, handler: e => called.push(e) } }),
    ]);
    const search = backend.eventsOf('search');

    await backend.publish('a');
    await until('the dead letter', async () => (await search.getDeadLetters('index')).length > 0);

    const [letter] = await search.getDeadLetters('index');
    expect(letter).to.have.property('attempts', 1);
    expect(letter!.error).to.contain('INVALID_EVENT').and.to.contain('/reason');
    expect(called).to.deep.equal([]);
  });

  it('are dropped, counted and logged where a slow subscriber has no room, and reach all others', async () => {
    const metrics = mockServices.metrics();
    const good: string[] = [];
    const stop = new AbortController();
    await using backend = await startEvents(
      [
        StorePlugin,
        subscriber('slow', { crawl: { handler: () => sleep(60_000, undefined, { signal: stop.signal }) } }),
        subscriber('bad', { fail: { handler: () => Promise.reject(new Error('no')) } }),
        subscriber('good', { index: { handler: e => good.push(nameOf(e)) } }),
      ],
      { events: { memory: { maxQueueLength: 100 } }, overrides: [override(MetricsService).withValue(metrics)] },
    );
    const durations: number[] = [];

    for (let n = 0; n < 1_000; n += 1) {
      const begin = performance.now();
      await backend.publish(`${n}`);
      durations.push(performance.now() - begin);
      if (n % 50 === 49) await until('the healthy', () => good.length === n + 1);
    }
    stop.abort();

    const dropped = metrics.measurements.filter(({ name }) => name === 'events.dropped');
    const ofSlow = dropped.filter(({ attributes }) => attributes!['subscription'] === 'crawl');
    const line = backend.logger.entries.find(({ meta }) => meta['subscription'] === 'crawl');
    expect(ofSlow.reduce((total, { value }) => total + value, 0)).to.equal(900);
    expect(line).to.deep.include({ level: 'error' });
    expect(line!.message).to.contain('Events were dropped');
    // Whoever waited for the slow one would do so from the time on when it has no room.
    expect(durations.toSorted((a, b) => a - b)[500]).to.be.below(5);
  });

  it('that wait when the backend stops are still delivered, and none is begun later than that', async () => {
    const got: string[] = [];
    const backend = await startEvents([
      StorePlugin,
      subscriber('search', {
        index: {
          handler: async e => {
            await sleep(5);
            got.push(nameOf(e));
          },
        },
      }),
    ]);

    for (let n = 0; n < 20; n += 1) await backend.publish(`${n}`);
    await backend[Symbol.asyncDispose]();

    expect(got).to.have.length(20);
    expect(backend.logger.messages('warn')).to.deep.equal([]);
  });

  it('that nobody had time for when the backend stops are told of', async () => {
    const backend = await startEvents(
      [StorePlugin, subscriber('search', { index: { handler: (_e, signal) => sleep(60_000, undefined, { signal }) } })],
      { events: { drainTimeout: 50 } },
    );

    for (let n = 0; n < 3; n += 1) await backend.publish(`${n}`);
    await backend[Symbol.asyncDispose]();

    const lines = backend.logger.entries.filter(({ level }) => level === 'warn');
    expect(lines.map(({ message, meta }) => [message, meta['count']])).to.deep.equal([
      ['Events in memory were not handled, and end with this process', 3],
    ]);
  });

  it('wait for a plugin that fails and is started again', async () => {
    const got: string[] = [];
    let fails = true;
    @Plugin({ pluginId: 'search' })
    class FlakyPlugin {
      @Subscribe(changed, { id: 'index' })
      index(event: Event<typeof changed>): void {
        got.push(nameOf(event));
      }
      init(): void {
        if (fails) throw new Error('not yet');
      }
    }
    const features: Class[] = [StorePlugin, FlakyPlugin];
    await using backend = await TestBackend.start({
      features,
      config: {
        backend: { startup: { default: { onPluginBootFailure: 'continue' } }, logger: { level: 'silent' } },
      },
    });
    fails = false;
    await until('the restart', () => backend.get(BackendStatusService).plugin('search')?.phase === 'ready');

    await backend.get(EventsService, { pluginId: 'store' }).publish(changed, { name: 'a' });
    await until('the event', () => got.length > 0);

    expect(got).to.deep.equal(['a']);
  });

  it('are measured', async () => {
    const metrics = mockServices.metrics();
    let done = 0;
    await using backend = await TestBackend.start({
      features: [
        StorePlugin,
        subscriber('search', {
          index: {
            options: { maxAttempts: 1 },
            handler: e => {
              done += 1;
              if (nameOf(e) === 'bad') throw new Error('no');
            },
          },
        }),
      ],
      config: { backend: { logger: { level: 'silent' } } },
      overrides: [override(MetricsService).withValue(metrics)],
    });
    const events = backend.get(EventsService, { pluginId: 'store' });

    await events.publish(changed, { name: 'good' });
    await events.publish(changed, { name: 'bad' });
    await until('both', () => done >= 2);
    await sleep(20);

    const outcomes = metrics.measurements
      .filter(({ name }) => name === 'events.deliveries')
      .map(({ attributes }) => attributes!['outcome']);
    expect(outcomes).to.deep.equal(['handled', 'dead']);
    expect(metrics.measurements.filter(({ name }) => name === 'events.published')).to.have.length(2);
  });
});
