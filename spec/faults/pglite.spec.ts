import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestDatabases } from '../../lib/testing/test-databases.js';
import {
  dataSourceOf,
  Item,
  openItems,
  openItemsIn,
  pluginWith,
  startWith,
} from '../services/database/database-fixture.js';

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing failed',
    (error: { code?: unknown; problems?: readonly { cause?: { code?: unknown } }[] }) =>
      error.problems?.[0]?.cause?.code ?? error.code,
  );

describe('plugins on one PGlite', () => {
  let databases: TestDatabases;

  before(async function () {
    databases = await TestDatabases.create({ ids: ['pglite'] });
    if (!databases.supports('pglite')) this.skip();
  });
  after(() => databases[Symbol.asyncDispose]());

  it('share one in memory, each with tables of its own', async () => {
    const plugins = ['one', 'two'].map(id => pluginWith(id, { entities: [Item] }));
    await using backend = await startWith(plugins, { client: 'pglite' });
    const [one, two] = [await dataSourceOf(backend, 'one'), await dataSourceOf(backend, 'two')];
    await one.getRepository(Item).insert({ name: 'of one' });
    const session = async (of: typeof one) =>
      (await of.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid'))[0]!.pid;

    expect(await two.getRepository(Item).count()).to.equal(0);
    expect(await session(one)).to.equal(await session(two));
  });

  it('never undo, or keep, what belongs to the transaction of another', async () => {
    await using place = await databases.init('pglite');
    const plugins = ['one', 'two'].map(id => pluginWith(id, { entities: [Item] }));
    await using backend = await startWith(plugins, place.config);
    const sources = [await dataSourceOf(backend, 'one'), await dataSourceOf(backend, 'two')];

    await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        sources[index % 2]!.transaction(async manager => {
          await manager.getRepository(Item).insert({ name: `${index}` });
          await manager.query('SELECT pg_sleep(0)');
          if (index % 4 < 2) throw new RangeError('rolled back');
        }),
      ),
    );

    const counts = await Promise.all(sources.map(source => source.getRepository(Item).count()));
    expect(counts).to.deep.equal([5, 5]);
  });

  it('find nothing of what the one before has set, locked or left open', async () => {
    await using place = await databases.init('pglite');
    await using backend = await startWith([pluginWith('one'), pluginWith('two')], place.config);
    const [one, two] = [await dataSourceOf(backend, 'one'), await dataSourceOf(backend, 'two')];
    const runner = one.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SET search_path TO two');
    await runner.query(`SET work_mem TO '99MB'`);
    await runner.query('CREATE TEMP TABLE left_behind (id int)');
    await runner.release();

    const [row] = (await two.query(
      `SELECT current_setting('work_mem') AS mem, current_setting('search_path') AS path, to_regclass('left_behind') AS left`,
    )) as unknown[];

    expect(row).to.deep.equal({ mem: '4MB', path: 'two', left: null });
  });

  it('tell who waits within a transaction for the only connection', async () => {
    await using place = await databases.init('pglite');
    await using opened = await openItemsIn({
      config: { ...place.config, queryTimeout: 300 },
      [Symbol.asyncDispose]: async () => {},
    });
    const items = opened.dataSource.getRepository(Item);

    const code = await codeOf(
      opened.dataSource.transaction(async manager => {
        await manager.getRepository(Item).insert({ name: 'within' });
        await items.count();
      }),
    );

    expect(code).to.equal('DATABASE_BUSY');
    expect(await items.count()).to.equal(0);
  });

  it('get rid of a transaction that nobody goes on with', async () => {
    await using place = await databases.init('pglite');
    await using opened = await openItemsIn({
      config: { ...place.config, idleTransactionTimeout: 200 },
      [Symbol.asyncDispose]: async () => {},
    });
    const runner = opened.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.getRepository(Item).insert({ name: 'forgotten' });

    const count = await opened.dataSource.getRepository(Item).count();
    const late = await codeOf(runner.commitTransaction());
    await runner.release();

    expect(count).to.equal(0);
    expect(late).to.be.oneOf(['TRANSACTION_LOST', 'DATABASE_UNREACHABLE']);
  });

  it('refuse a folder that another backend has open, and take it once that has ended', async () => {
    await using place = await databases.init('pglite');
    const first = await openItems(place.config);
    const refused = await codeOf(openItems(place.config));
    await first.dataSource.getRepository(Item).insert({ name: 'kept' });
    await first[Symbol.asyncDispose]();
    await using second = await openItems(place.config);

    expect(refused).to.equal('DATABASE_IN_USE');
    expect(await second.dataSource.getRepository(Item).count()).to.equal(1);
  });

  it('take a folder over from a process that is no more, and leave it free', async () => {
    await using place = await databases.init('pglite');
    const { directory } = place.config['connection'] as { directory: string };
    const file = join(directory, 'pglite.lock');
    writeFileSync(file, JSON.stringify({ pid: process.pid, since: 1 }));
    const opened = await openItems(place.config);
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));

    await opened[Symbol.asyncDispose]();

    expect(holder).to.deep.include({ pid: process.pid, since: performance.timeOrigin });
    expect(existsSync(file)).to.equal(false);
  });

  it('open one after the other in a folder, without a backend as well', async () => {
    await using place = await databases.init('pglite');
    const one = place.service({ pluginId: 'one', entities: [Item] });
    const two = place.service({ pluginId: 'two', entities: [Item] });

    await Promise.all([one.getDataSource(), two.getDataSource()]);

    expect((await one.getDataSource()).isInitialized).to.equal(true);
    expect((await two.getDataSource()).isInitialized).to.equal(true);
  });
});
