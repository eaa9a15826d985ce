import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../faults/harness/until.js';
import { Item } from '../database/database-fixture.js';
import type { EventsPlace } from './events-suite.js';
import { type DatabasePlace, startOutbox } from './outbox-fixture.js';
import { setAsideFrom } from './set-aside-suite.js';

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

    const start = () => startOutbox(place.config, eventsPlace?.config);

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

    if (!by) setAsideFrom(start);
  });
}
