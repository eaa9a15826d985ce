import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { Inject, Plugin } from '../../../decorators/index.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { DatabaseService } from '../../../lib/api/database-service.js';
import type { Event } from '../../../lib/api/events-service.js';
import { until } from '../../faults/harness/until.js';
import { Item } from '../database/database-fixture.js';
import type { EventRecord, EventTransport } from '../../../lib/services/events/event-transport.js';
import { invalidEvent } from '../../../lib/services/events/events-errors.js';
import { MemoryTransport } from '../../../lib/services/events/memory-transport.js';
import { MetricsService } from '../../../lib/api/metrics-service.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { override } from '../../../lib/testing/override.js';
import { startEvents, subscriber } from './events-fixture.js';
import type { EventsPlace } from './events-suite.js';
import { StoringPlugin } from './storing-plugin.js';
import { changed } from './topics.js';

/** Where the databases of one test are, until it is over. */
export interface DatabasePlace extends AsyncDisposable {
  /** Its `backend.database`. */
  readonly config: JsonObject;
}

@Plugin({ pluginId: 'other', entities: [Item] })
class OtherPlugin {
  constructor(@Inject(DatabaseService) readonly database: DatabaseService) {}
}

interface OutboxSuiteOptions {
  /** Where events travel after that: in memory where this is absent. */
  readonly transport?: { readonly name: string; readonly open: () => Promise<EventsPlace> };
}

/** What holds for events that are published in a transaction, whichever database it is of, and however they travel. */
export function outboxOn(
  database: string,
  open: () => Promise<DatabasePlace>,
  { transport: by }: OutboxSuiteOptions = {},
): void {
  describe(`events in transactions of ${database}${by ? ` by ${by.name}` : ''}`, () => {
    let place: DatabasePlace;
    let eventsPlace: EventsPlace | undefined;

    beforeEach(async () => {
      [place, eventsPlace] = await Promise.all([open(), by?.open()]);
    });
    afterEach(() => Promise.all([place[Symbol.asyncDispose](), eventsPlace?.[Symbol.asyncDispose]()]));

    async function start() {
      const got: Event[] = [];
      const index = { options: { concurrency: 4 }, handler: (e: Event) => got.push(e) };
      const metrics = mockServices.metrics();
      const backend = await startEvents([StoringPlugin, OtherPlugin, subscriber('search', { index })], {
        database: { synchronize: true, ...place.config },
        ...(eventsPlace && { events: eventsPlace.config }),
        overrides: [override(MetricsService).withValue(metrics)],
      });
      const dataSource = (pluginId: string): Promise<DataSource> =>
        backend.backend.get(DatabaseService, { pluginId }).getDataSource();
      const publish = (manager: EntityManager, name: string, key?: string): Promise<void> =>
        backend.eventsOf('store').publish(changed, { name }, { manager, ...(key !== undefined && { key }) });
      return {
        got,
        metrics,
        logger: backend.logger,
        names: () => got.map(({ payload }) => (payload as { name: string }).name),
        store: await dataSource('store'),
        other: () => dataSource('other'),
        publish,
        [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
      };
    }

    it('arrive once the transaction has been committed, and not before', async () => {
      await using backend = await start();
      let before: unknown;

      await backend.store.transaction(async manager => {
        await manager.getRepository(Item).insert({ name: 'first' });
        await backend.publish(manager, 'first', 'k');
        await sleep(150);
        before = backend.names();
      });
      await until('the event', () => backend.got.length > 0);

      expect(before).to.deep.equal([]);
      expect(backend.got[0]).to.deep.include({ topic: 'store.changed', source: 'store', key: 'k', attempt: 1 });
      expect(await backend.store.getRepository(Item).count()).to.equal(1);
    });

    it('never arrive when it is undone, be it the first that publishes', async () => {
      await using backend = await start();

      const error: unknown = await backend.store
        .transaction(async manager => {
          await backend.publish(manager, 'undone');
          throw new Error('on second thought');
        })
        .catch((e: unknown) => e);
      await backend.store.transaction(manager => backend.publish(manager, 'done'));
      await until('the other event', () => backend.got.length > 0);
      await sleep(100);

      expect(String(error)).to.contain('on second thought');
      expect(backend.names()).to.deep.equal(['done']);
    });

    it('of an inner transaction that is undone do not arrive, and those around it do', async () => {
      await using backend = await start();

      await backend.store.transaction(async outer => {
        await backend.publish(outer, 'outer');
        await outer
          .transaction(async inner => {
            await backend.publish(inner, 'inner');
            throw new Error('undone');
          })
          .catch(() => {});
      });
      await until('the event', () => backend.got.length > 0);
      await sleep(100);

      expect(backend.names()).to.deep.equal(['outer']);
    });

    it('arrive out of a transaction that is begun and ended by hand', async () => {
      await using backend = await start();
      const runner = backend.store.createQueryRunner();

      await runner.startTransaction();
      await backend.publish(runner.manager, 'by hand');
      await runner.commitTransaction();
      await runner.release();
      await until('the event', () => backend.got.length > 0);

      expect(backend.names()).to.deep.equal(['by hand']);
    });

    it('arrive in the order in which they were published, for each key', async () => {
      await using backend = await start();

      for (let n = 0; n < 30; n += 1) {
        await backend.store.transaction(async manager => {
          await backend.publish(manager, `a${n}`, 'a');
          await backend.publish(manager, `b${n}`, 'b');
        });
      }
      await until('all', () => backend.got.length >= 60);

      for (const key of ['a', 'b']) {
        const wanted = Array.from({ length: 30 }, (_, n) => `${key}${n}`);
        expect(backend.names().filter(name => name.startsWith(key))).to.deep.equal(wanted);
      }
    });

    it('arrive all where many transactions publish for the first time at once', async () => {
      await using backend = await start();

      await Promise.all(
        Array.from({ length: 20 }, (_, n) => backend.store.transaction(manager => backend.publish(manager, `${n}`))),
      );
      await until('all', () => backend.got.length >= 20);

      expect(new Set(backend.names()).size).to.equal(20);
    });

    it('are refused where the transaction is of another database', async () => {
      await using backend = await start();
      const other = await backend.other();

      const error: unknown = await other
        .transaction(manager => backend.publish(manager, 'foreign'))
        .catch((e: unknown) => e);

      expect(error).to.have.property('code', 'FOREIGN_TRANSACTION');
    });

    if (by) return;

    describe('over a transport that refuses some', () => {
      const transport: EventTransport = MemoryTransport.prototype;
      const publish = Reflect.get(transport, 'publish');
      const isPoison = ({ payload }: EventRecord): boolean => payload.includes('poison');
      const refusal = (): Error => invalidEvent('store.changed', 'has 9 bytes too many', 'publish less.');
      let sent: string[];

      beforeEach(() => {
        sent = [];
        transport.publish = async function (this: EventTransport, events) {
          sent.push(...events.map(({ payload }) => (JSON.parse(payload) as { name: string }).name));
          // As NATS does it: each by itself.
          const publishing = events.map(async event => {
            if (isPoison(event)) throw refusal();
            await publish.call(this, [event]);
          });
          return await Promise.allSettled(publishing);
        };
      });
      afterEach(() => {
        transport.publish = publish;
        delete transport.refusalOf;
      });

      it('set those aside, tell of each once, and send the others once, in order', async () => {
        await using backend = await start();
        const names = Array.from({ length: 130 }, (_, n) => (n === 0 || n === 50 ? `poison ${n}` : `${n}`));

        await backend.store.transaction(async manager => {
          for (const name of names) await backend.publish(manager, name, 'k');
        });
        const good = names.filter(name => !name.startsWith('poison'));
        await until('all but two', () => backend.got.length >= good.length);
        await sleep(1_200);

        expect(backend.names()).to.deep.equal(good);
        expect(sent).to.deep.equal(names);
        expect(await backend.store.query('SELECT * FROM backplane_outbox')).to.deep.equal([]);
        const kept = await backend.store.query<{ id: string; event: string; error: string }[]>(
          'SELECT * FROM backplane_outbox_refused',
        );
        expect(kept.map(({ id, event }) => id === (JSON.parse(event) as EventRecord).id)).to.deep.equal([true, true]);
        expect(kept[0]!.error).to.contain('has 9 bytes too many');
        const lines = backend.logger.entries.filter(({ level }) => level === 'error');
        expect(lines.map(({ meta }) => (meta as { topic: string }).topic)).to.deep.equal([
          'store.changed',
          'store.changed',
        ]);
        expect(lines.map(({ meta }) => (meta as { event: string }).event)).to.have.members(kept.map(({ id }) => id));
        expect(backend.metrics.measurements.filter(({ name }) => name === 'events.refused')).to.have.length(2);
      });

      it('are refused at once where the transport knows it already', async () => {
        await using backend = await start();
        transport.refusalOf = event => (isPoison(event) ? refusal() : undefined);

        const error: unknown = await backend.store
          .transaction(manager => backend.publish(manager, 'poison'))
          .catch((e: unknown) => e);

        expect(error).to.have.property('code', 'INVALID_EVENT');
        expect(sent).to.deep.equal([]);
      });
    });
  });
}
