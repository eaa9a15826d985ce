import { expect } from 'chai';
import type { DataSource, EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import type { JsonObject } from '../../lib/api/config-service.js';
import type { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { TestDatabases } from '../../lib/testing/test-databases.js';
import { type Administrator, connectMysql } from '../../lib/testing/test-server.js';
import { OutboxTables } from '../../lib/services/events/outbox/outbox-tables.js';
import {
  dataSourceOf,
  Item,
  type Opened,
  openItems,
  openItemsIn,
  pluginWith,
  startWith,
} from '../services/database/database-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { urlOf, uses } from './harness/servers.js';
import { pause } from './harness/pause.js';
import { until } from './harness/until.js';

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing failed',
    (error: { code?: unknown; driverError?: { code?: unknown } }) => error.driverError?.code ?? error.code,
  );

describe('plugins on one MySQL', () => {
  uses('mysql');
  let databases: TestDatabases;
  let admin: Administrator;

  before(async () => {
    databases = await TestDatabases.create({ ids: ['mysql'] });
    admin = await connectMysql();
  });
  after(async () => {
    await databases[Symbol.asyncDispose]();
    await admin.end();
  });

  const open = async (database: JsonObject = {}): Promise<Opened> => {
    const place = await databases.init('mysql');
    return openItemsIn({
      config: { ...place.config, ...database },
      [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
    });
  };
  const connectionsTo = async (prefix: string): Promise<number> => {
    const sql = 'SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE LEFT(DB, ?) = ?';
    return Number((await admin.query(sql, [prefix.length, prefix]))[0]!['n']);
  };
  const insert = (manager: EntityManager, name: string): Promise<unknown> =>
    manager.getRepository(Item).insert({ name });
  const names = async (dataSource: DataSource): Promise<string[]> =>
    (await dataSource.getRepository(Item).find({ order: { name: 'ASC' } })).map(({ name }) => name);

  it('leave no connection behind when they stop', async () => {
    await using place = await databases.init('mysql');
    const ids = Array.from({ length: 5 }, (_, index) => `plugin-${index}`);
    const backend = await startWith(
      ids.map(id => pluginWith(id, { entities: [Item] })),
      place.config,
    );
    await Promise.all(
      ids.flatMap(id =>
        Array.from({ length: 5 }, async () => insert((await dataSourceOf(backend, id)).manager, 'one')),
      ),
    );
    const prefix = place.config['prefix'] as string;
    const during = await connectionsTo(prefix);

    await backend.stop();

    expect(during).to.be.within(5, 5 * 4);
    await until('no connection is left', async () => (await connectionsTo(prefix)) === 0);
  });

  it('publish any character in a transaction, whatever the database was made for', async () => {
    await using place = await databases.init('mysql');
    await admin.query(`CREATE DATABASE \`${place.config['prefix'] as string}store\` CHARACTER SET latin1`);
    await using opened = await openItems(place.config);
    const tables = new OutboxTables(opened.dataSource);
    await tables.make();

    await tables.add('"日本 😀"', opened.dataSource.manager);

    expect((await tables.first(1)).map(({ event }) => JSON.parse(String(event)) as unknown)).to.deep.equal(['日本 😀']);
  });

  it('take an object for a value, never for SQL, and one statement at a time', async () => {
    await using opened = await open();
    const { dataSource } = opened;
    await insert(dataSource.manager, 'secret');

    const found: unknown = await dataSource.query('SELECT name FROM items WHERE name = ?', [{ name: 1 }]);
    const set = await codeOf(dataSource.query('UPDATE items SET ?', [{ name: 'theirs' }]));
    const code = await codeOf(dataSource.query(`SELECT 1; DELETE FROM items`));
    const hidden: unknown = await dataSource.query('SELECT ? AS text', [String.raw`\' OR 1=1 -- `]);

    expect(found).to.deep.equal([]);
    expect([set, code]).to.deep.equal(['ER_PARSE_ERROR', 'ER_PARSE_ERROR']);
    expect(hidden).to.deep.equal([{ text: String.raw`\' OR 1=1 -- ` }]);
    expect(await names(dataSource)).to.deep.equal(['secret']);
  });

  it('have the same time, texts and numbers wherever the server is', async () => {
    await using opened = await open();
    const { dataSource } = opened;
    for (const name of ['Zoë', 'zoë', '😀', '😁']) await insert(dataSource.manager, name);
    const at = new Date('2026-07-01T12:00:00Z');

    const [row] = (await dataSource.query(
      `SELECT @@session.time_zone AS zone, ? AS at, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW()) AS shift,
      CAST(9007199254740993 AS UNSIGNED) AS big, @@session.sql_mode AS mode,
      CAST('2026-07-01 12:00:00' AS DATETIME) AS read_back`,
      [at],
    )) as Record<string, unknown>[];
    const tooLong = await codeOf(insert(dataSource.manager, 'x'.repeat(256)));

    expect(row).to.deep.include({ zone: '+00:00', shift: '0', big: '9007199254740993' });
    expect(row!['read_back']).to.deep.equal(at);
    expect(row!['mode']).to.contain('STRICT_ALL_TABLES').and.not.contain('NO_BACKSLASH_ESCAPES');
    expect(tooLong).to.equal('ER_DATA_TOO_LONG');
    expect(await dataSource.getRepository(Item).countBy({ name: 'zoë' })).to.equal(1);
    expect(await dataSource.getRepository(Item).countBy({ name: '😀' })).to.equal(1);
  });

  it('keep nothing of a transaction that a deadlock has undone, whatever its code goes on with', async () => {
    await using opened = await open();
    const { dataSource } = opened;
    await dataSource.getRepository(Item).insert([{ name: 'a' }, { name: 'b' }]);
    const update = (manager: EntityManager, id: number) =>
      manager.query(`UPDATE items SET name = CONCAT(name, '+') WHERE id = ${id}`);
    let arrived = 0;
    const both = async (): Promise<void> => {
      arrived += 1;
      await until('both are there', async () => arrived >= 2);
    };

    const ended = await Promise.all(
      [
        [1, 2],
        [2, 1],
      ].map(([first, second]) =>
        codeOf(
          dataSource.transaction(async manager => {
            await update(manager, first!);
            await both();
            // Swallowed, as careless code does.
            await manager.transaction(nested => update(nested, second!)).catch(() => {});
            await insert(manager, `after ${first}`);
          }),
        ),
      ),
    );

    expect(ended).to.have.members(['nothing failed', 'TRANSACTION_LOST']);
    expect((await names(dataSource)).filter(name => name.startsWith('after'))).to.have.length(1);
    expect((await names(dataSource)).filter(name => name.endsWith('+'))).to.deep.equal(['a+', 'b+']);
  });

  it('do not find themselves in another database because somebody has gone there', async () => {
    await using opened = await open({ pool: { max: 2 } });
    const { dataSource } = opened;
    const runner = dataSource.createQueryRunner();
    await runner.query('USE information_schema');
    await runner.release();

    const found = await Promise.all([1, 2, 3, 4].map(() => dataSource.getRepository(Item).count()));

    expect(found).to.deep.equal([0, 0, 0, 0]);
  });

  it('give up a statement that takes too long, here and on the server', async () => {
    await using opened = await open({ queryTimeout: 300, pool: { max: 2 } });
    const { dataSource } = opened;

    const slow = await Promise.all([1, 2, 3].map(() => codeOf(dataSource.query('SELECT SLEEP(20) FROM DUAL'))));

    expect(new Set(slow)).to.deep.equal(new Set(['DATABASE_TIMEOUT']));
    expect(await dataSource.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    await until('nothing runs any more', async () => {
      const sql = `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(20) FROM%'`;
      return Number((await admin.query(sql))[0]!['n']) === 0;
    });
  });

  it('lose a transaction that nobody goes on with, and what it has locked is free', async () => {
    await using opened = await open({ idleTransactionTimeout: 200 });
    const { dataSource } = opened;
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await insert(runner.manager, 'forgotten');
    await pause(500);
    const late = await codeOf(runner.commitTransaction());
    await runner.release();

    expect(late).to.equal('TRANSACTION_LOST');
    expect(await names(dataSource)).to.deep.equal([]);
  });

  it('say what a migration that failed has left, since tables cannot be undone', async () => {
    class HalfTables implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('CREATE TABLE first_half (id int PRIMARY KEY)');
        await runner.query('CREATE TABLE');
      }
      async down(): Promise<void> {}
    }
    await using place = await databases.init('mysql');

    const failure = await startWith([pluginWith('store', { migrations: [HalfTables] })], place.config).catch(
      (error: BackendStartupError) => error.problems[0]!.cause,
    );

    expect(failure).to.have.property('code', 'MIGRATION_FAILED');
    expect((failure as Error).message).to.contain('was not undone');
  });

  it('have migrations that take longer than a query may', async () => {
    class Slow implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('DO SLEEP(1)');
      }
      async down(): Promise<void> {}
    }
    await using place = await databases.init('mysql');
    await using backend = await startWith([pluginWith('store', { migrations: [Slow] })], {
      ...place.config,
      queryTimeout: 300,
    });

    const dataSource = await dataSourceOf(backend, 'store');

    expect(await dataSource.query('SELECT name FROM backplane_migrations')).to.deep.equal([{ name: 'Slow' }]);
  });

  it('are not ready while their database is away, fail at once, and are ready again when it is back', async () => {
    await using place = await databases.init('mysql');
    await using proxy = await FaultProxy.before(urlOf('mysql'));
    const config = { ...place.config, connection: proxy.url, connectTimeout: 1_000, queryTimeout: 500 };
    await using backend = await startWith([pluginWith('store', { entities: [Item] })], config);
    const dataSource = await dataSourceOf(backend, 'store');
    const readiness = async () => (await backend.request.get('/.backplane/health/v1/readiness')).status;
    const count = () => dataSource.getRepository(Item).count();
    await count();

    await proxy.set('reset');
    const reset = await codeOf(count());
    await until('the backend is not ready', async () => (await readiness()) === 503);
    await proxy.set('blackhole');
    const silent = await codeOf(count());
    await proxy.set('pass');
    await until('the backend is ready again', async () => (await readiness()) === 200);

    expect(reset).to.equal('DATABASE_UNREACHABLE');
    expect(silent).to.be.oneOf(['DATABASE_UNREACHABLE', 'DATABASE_TIMEOUT']);
    expect(await count()).to.equal(0);
  });

  it('say which server is not there, and no password', async () => {
    const connection = 'mysql://someone:hunter2hunter2@127.0.0.1:1';
    const started = startWith([pluginWith('one')], { client: 'mysql', connection });

    const failure = await started.catch((error: BackendStartupError) => error.problems[0]!.cause);

    expect(failure).to.have.property('code', 'DATABASE_UNREACHABLE');
    expect((failure as Error).message)
      .to.contain('127.0.0.1:1')
      .and.not.contain('hunter2');
  });

  it('have a database of their own name where they say so, and none of the same', async () => {
    await using place = await databases.init('mysql');
    const own = `${place.config['prefix'] as string}mine`;
    const named = (ids: string[]): JsonObject => ({
      ...place.config,
      plugin: Object.fromEntries(ids.map(id => [id, { connection: { ...addressed(), database: own } }])),
    });
    await using backend = await startWith([pluginWith('one')], named(['one']));
    const [row] = (await (await dataSourceOf(backend, 'one')).query('SELECT DATABASE() AS name')) as unknown[];

    const failure = await startWith([pluginWith('one'), pluginWith('two')], named(['one', 'two'])).catch(
      (error: BackendStartupError) => error.problems[0]!.cause,
    );

    expect(row).to.deep.equal({ name: own });
    expect(failure).to.have.property('code', 'DATABASE_SHARED');
  });

  it('hold nobody up who waits for a connection for too long', async () => {
    await using opened = await openItems({
      ...(await databases.init('mysql')).config,
      pool: { max: 2 },
      connectTimeout: 300,
    });
    const runners = [1, 2].map(() => opened.dataSource.createQueryRunner());
    await Promise.all(runners.map(runner => runner.connect()));

    const waiting = await codeOf(opened.dataSource.query('SELECT 1'));
    await Promise.all(runners.map(runner => runner.release()));

    expect(waiting).to.equal('DATABASE_UNREACHABLE');
    expect(await opened.dataSource.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });
});

function addressed(): JsonObject {
  const { hostname, port, username, password } = urlOf('mysql');
  return { host: hostname, port: Number(port), user: username, password };
}
