import { expect } from 'chai';
import type { DataSource, EntityManager } from 'typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { Item, type Opened } from './database-fixture.js';

const names = async (dataSource: DataSource | EntityManager): Promise<string[]> =>
  (await dataSource.getRepository(Item).find({ order: { name: 'ASC' } })).map(({ name }) => name);

const insert = (manager: EntityManager, name: string): Promise<unknown> => manager.getRepository(Item).insert({ name });

/** A wait in which everything else has a chance to run. */
const pause = (): Promise<void> => sleep(2);

async function failing(work: Promise<unknown>): Promise<void> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).to.be.instanceOf(RangeError);
}

/** What holds for transactions on every client. */
export function transactionsOn(client: string, open: () => Promise<Opened>): void {
  describe(`transactions on ${client}`, () => {
    let opened: Opened;
    let dataSource: DataSource;

    beforeEach(async () => {
      opened = await open();
      ({ dataSource } = opened);
    });
    afterEach(() => opened[Symbol.asyncDispose]());

    it('keep what each of 20 at once has written, and nothing of those that fail', async () => {
      await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          dataSource.transaction(async manager => {
            await insert(manager, String(index).padStart(2, '0'));
            await pause();
            if (index % 2 === 1) throw new RangeError('rolled back');
            await insert(manager, `${String(index).padStart(2, '0')}+`);
          }),
        ),
      );

      const even = Array.from({ length: 10 }, (_, index) => String(index * 2).padStart(2, '0'));
      expect(await names(dataSource)).to.deep.equal(even.flatMap(name => [name, `${name}+`]));
    });

    it('do not take in what is written beside them', async () => {
      const transaction = dataSource.transaction(async manager => {
        await insert(manager, 'within');
        await pause();
        throw new RangeError('rolled back');
      });
      const beside = Promise.all([
        insert(dataSource.manager, 'beside'),
        dataSource.query(`INSERT INTO items (name) VALUES ('raw')`),
        dataSource.getRepository(Item).save({ name: 'saved' }),
      ]);

      await failing(transaction);
      await beside;

      expect(await names(dataSource)).to.deep.equal(['beside', 'raw', 'saved']);
    });

    it('are not seen by others before they end', async () => {
      let seen: Promise<string[]> | undefined;
      let go = (): void => {};
      const gate = new Promise<void>(resolve => (go = resolve));

      const transaction = dataSource.transaction(async manager => {
        await insert(manager, 'within');
        go();
        await pause();
        throw new RangeError('rolled back');
      });
      await gate;
      seen = names(dataSource);
      await failing(transaction);

      expect(await seen).to.deep.equal([]);
    });

    it('undo no more than the nested one that fails', async () => {
      await dataSource.transaction(async manager => {
        await insert(manager, 'outer');
        await failing(
          manager.transaction(async nested => {
            await insert(nested, 'inner');
            throw new RangeError('rolled back');
          }),
        );
        await manager.transaction(nested => insert(nested, 'other inner'));
      });

      expect(await names(dataSource)).to.deep.equal(['other inner', 'outer']);
    });

    it('undo what was nested in them', async () => {
      const transaction = dataSource.transaction(async manager => {
        await manager.transaction(nested => insert(nested, 'inner'));
        throw new RangeError('rolled back');
      });

      await failing(transaction);

      expect(await names(dataSource)).to.deep.equal([]);
    });

    it('of query runners that somebody has made are as apart', async () => {
      const work = Array.from({ length: 10 }, async (_, index) => {
        const runner = dataSource.createQueryRunner();
        try {
          await runner.startTransaction();
          await insert(runner.manager, `kept ${index}`);
          await pause();
          await runner.query(`INSERT INTO items (name) VALUES ('raw ${index}')`);
          if (index % 2 === 0) await runner.commitTransaction();
          else await runner.rollbackTransaction();
        } finally {
          await runner.release();
        }
      });
      const beside = insert(dataSource.manager, 'beside');

      await Promise.all([...work, beside]);

      const even = [0, 2, 4, 6, 8];
      expect(await names(dataSource)).to.deep.equal([
        'beside',
        ...even.map(index => `kept ${index}`),
        ...even.map(index => `raw ${index}`),
      ]);
    });

    it('of a query runner nest as well', async () => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await insert(runner.manager, 'outer');
      await runner.startTransaction();
      await insert(runner.manager, 'inner');
      await runner.rollbackTransaction();
      await insert(runner.manager, 'after');
      await runner.commitTransaction();
      await runner.release();

      expect(await names(dataSource)).to.deep.equal(['after', 'outer']);
    });

    it('that nobody has ended are undone with their query runner, and hinder nobody', async () => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await insert(runner.manager, 'forgotten');
      await runner.release();
      await insert(dataSource.manager, 'next');

      expect(await names(dataSource)).to.deep.equal(['next']);
    });

    it('may save several at once', async () => {
      await dataSource.transaction(manager =>
        Promise.all(['a', 'b', 'c'].map(name => manager.getRepository(Item).save({ name }))),
      );

      expect(await names(dataSource)).to.deep.equal(['a', 'b', 'c']);
    });

    it('end with what failed first', async () => {
      await failing(
        dataSource.transaction(async manager => {
          await manager.query('SELECT no_such_column FROM items').catch(() => {});
          throw new RangeError('the reason');
        }),
      );
      await insert(dataSource.manager, 'next');

      expect(await names(dataSource)).to.deep.equal(['next']);
    });
  });
}
