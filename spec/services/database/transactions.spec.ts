import { expect } from 'chai';
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as typeorm from 'typeorm';
import { sqlJs } from '../../../lib/services/database/sqlite-library.js';
import { serialDataSource } from '../../../lib/services/database/serial-data-source.js';
import type { TransactionScope } from '../../../lib/services/database/transaction-scope.js';
import { Item, type Opened, openItems } from './database-fixture.js';
import { transactionsOn } from './transaction-suite.js';

async function openFile(): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
  const opened = await openItems({ connection: { directory } });
  return {
    dataSource: opened.dataSource,
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    },
  };
}

async function openSqlJs(): Promise<Opened> {
  const driver = await sqlJs();
  const options: typeorm.DataSourceOptions = { type: 'sqljs', driver, entities: [Item], synchronize: true };
  const current = new AsyncLocalStorage<TransactionScope>();
  const dataSource = serialDataSource(typeorm, options, { current, limits: { patience: 15_000, idle: 60_000 } });
  await dataSource.initialize();
  return { dataSource, [Symbol.asyncDispose]: () => dataSource.destroy() };
}

/** The code of the error that `work` fails with. */
function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'none',
    (error: { code: unknown }) => error.code,
  );
}

transactionsOn('SQLite in memory', () => openItems({}));
transactionsOn('SQLite in a file', openFile);
transactionsOn('sql.js', openSqlJs);

describe('a connection that many share', () => {
  let opened: Opened;
  let dataSource: typeorm.DataSource;
  const items = () => dataSource.getRepository(Item);

  beforeEach(async () => {
    opened = await openItems({ queryTimeout: 2_000 });
    ({ dataSource } = opened);
  });
  afterEach(() => opened[Symbol.asyncDispose]());

  it('lets the code of a transaction use whatever it likes, as part of it', async () => {
    const failed = dataSource.transaction(async () => {
      await items().save({ name: 'by the repository' });
      await dataSource.transaction(manager => manager.getRepository(Item).insert({ name: 'in another' }));
      await dataSource.query(`INSERT INTO items (name) VALUES ('raw')`);
      expect(await items().count()).to.equal(3);
      throw new RangeError('rolled back');
    });

    await failed.catch(() => {});

    expect(await items().count()).to.equal(0);
  });

  it('keeps nested transactions apart that run at once', async () => {
    await dataSource.transaction(manager =>
      Promise.allSettled(
        ['a', 'b', 'c', 'd'].map(name =>
          manager.transaction(async nested => {
            await nested.getRepository(Item).insert({ name });
            await sleep(1);
            if (name < 'c') throw new RangeError('rolled back');
          }),
        ),
      ),
    );

    expect((await items().find()).map(({ name }) => name)).to.deep.equal(['c', 'd']);
  });

  it('refuses who waits too long for a transaction that nobody ends, and is free afterwards', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();

    const waiting = items().count();

    const failure = await waiting.catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'DATABASE_BUSY');
    await runner.release();
    expect(await items().count()).to.equal(0);
  });

  it('knows no words that would begin or end a transaction behind its back', async () => {
    for (const sql of ['BEGIN', ' commit', '-- now\nROLLBACK', '/* so */ SAVEPOINT a', 'release a', 'END']) {
      const failure = await dataSource.query(sql).catch((error: unknown) => error);
      expect(failure, sql).to.have.property('code', 'RAW_TRANSACTION');
    }
  });

  it('does not write for a manager whose transaction has ended', async () => {
    let leaked: typeorm.EntityManager | undefined;
    await dataSource.transaction(async manager => void (leaked = manager));

    const failure = await leaked!
      .getRepository(Item)
      .insert({ name: 'late' })
      .catch((error: unknown) => error);

    expect(failure).to.have.property('name', 'QueryRunnerAlreadyReleasedError');
    expect(await items().count()).to.equal(0);
  });

  it('counts what is not awaited to the transaction it was asked in', async () => {
    let stray: Promise<unknown> | undefined;

    const failed = dataSource.transaction(async manager => {
      stray = manager.getRepository(Item).insert({ name: 'stray' });
      throw new RangeError('rolled back');
    });

    await failed.catch(() => {});
    await stray;
    expect(await items().count()).to.equal(0);
  });

  it('takes nothing more into a transaction that the database has undone, and keeps nothing that comes after', async () => {
    await dataSource.query('CREATE UNIQUE INDEX names ON items (name)');
    const failures: unknown[] = [];
    const attempt = async (work: Promise<unknown>) => void failures.push(await codeOf(work));

    await attempt(
      dataSource.transaction(async manager => {
        await manager.query(`INSERT INTO items (name) VALUES ('a')`);
        await manager.transaction(async nested => {
          await attempt(nested.query(`INSERT OR ROLLBACK INTO items (name) VALUES ('a')`));
          await attempt(nested.query(`INSERT INTO items (name) VALUES ('after')`));
        });
      }),
    );
    await items().insert({ name: 'next' });

    expect(failures).to.deep.equal(['SQLITE_CONSTRAINT_UNIQUE', 'TRANSACTION_LOST', 'TRANSACTION_LOST']);
    expect((await items().find()).map(({ name }) => name)).to.deep.equal(['next']);
  });

  it('lets others go on at once where the database has undone a transaction that nobody ends', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await dataSource.query('CREATE TABLE once (id integer PRIMARY KEY)', [], runner);
    await runner.query('INSERT INTO once (id) VALUES (1)');
    await codeOf(runner.query('INSERT OR ROLLBACK INTO once (id) VALUES (1)'));

    await items().insert({ name: 'beside' });

    expect(await codeOf(runner.commitTransaction())).to.equal('TRANSACTION_LOST');
    await runner.rollbackTransaction();
    await runner.query(`INSERT INTO items (name) VALUES ('again')`);
    await runner.release();
    expect((await items().find()).map(({ name }) => name)).to.deep.equal(['beside', 'again']);
  });
});

describe('a transaction that is left open', () => {
  let opened: Opened;
  let dataSource: typeorm.DataSource;

  beforeEach(async () => {
    opened = await openItems({ idleTransactionTimeout: 100 });
    ({ dataSource } = opened);
  });
  afterEach(() => opened[Symbol.asyncDispose]());

  it('is undone after a while, so that others can go on', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`INSERT INTO items (name) VALUES ('left')`);

    await dataSource.query(`INSERT INTO items (name) VALUES ('next')`);

    expect(await codeOf(runner.query(`INSERT INTO items (name) VALUES ('late')`))).to.equal('TRANSACTION_LOST');
    await runner.release();
    expect(await dataSource.query('SELECT name FROM items')).to.deep.equal([{ name: 'next' }]);
  });

  it('is undone with its function still running, of which nothing is written any more', async () => {
    const failure = codeOf(
      dataSource.transaction(async manager => {
        await manager.getRepository(Item).insert({ name: 'first' });
        await sleep(300);
        await manager.transaction(nested => nested.getRepository(Item).insert({ name: 'second' }));
      }),
    );

    expect(await failure).to.equal('TRANSACTION_LOST');
    expect(await dataSource.getRepository(Item).count()).to.equal(0);
  });

  it('is kept where queries come, however long it takes', async () => {
    await dataSource.transaction(async manager => {
      for (let number = 0; number < 8; number += 1) {
        await manager.getRepository(Item).insert({ name: `${number}` });
        await sleep(40);
      }
    });

    expect(await dataSource.getRepository(Item).count()).to.equal(8);
  });
});
