import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { dataSourceOf, Item, openItems, pluginWith, startWith } from '../services/database/database-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('plugins on one PostgreSQL', () => {
  uses('postgres');
  const ids = Array.from({ length: 30 }, (_, index) => `plugin-${index}`);
  const all = () => ids.map(id => pluginWith(id, { entities: [Item] }));

  it('share at most as many connections as the pool has, and leave none behind', async () => {
    await using place = await PostgresPlace.create();
    const backend = await startWith(all(), { ...place.schemas, synchronize: true });
    const load = ids.flatMap(id =>
      Array.from({ length: 5 }, async (_, index) =>
        (await dataSourceOf(backend, id)).getRepository(Item).save({ name: `${id} ${index}` }),
      ),
    );
    await Promise.all(load);
    const connections = await place.connections();
    const counts = await Promise.all(
      ids.map(async id => (await dataSourceOf(backend, id)).getRepository(Item).count()),
    );
    await backend.stop();

    expect(connections).to.be.within(1, 10);
    expect(counts).to.deep.equal(ids.map(() => 5));
    await until('no connection is left', async () => (await place.connections()) === 0);
  });

  it('find nothing of what the one before has set on a connection', async () => {
    await using place = await PostgresPlace.create();
    await using backend = await startWith([pluginWith('one'), pluginWith('two')], {
      ...place.schemas,
      pool: { max: 2 },
    });
    const [one, two] = [await dataSourceOf(backend, 'one'), await dataSourceOf(backend, 'two')];
    await one.query(`SET statement_timeout TO 12345`);
    await one.query(`SET search_path TO two`);
    await one.query(`CREATE TEMP TABLE left_behind (id int)`);

    const [setting] = (await two.query('SHOW statement_timeout')) as unknown[];
    const temporary = await two.query('SELECT * FROM left_behind').catch((error: Error) => error.message);
    const [path] = (await one.query('SHOW search_path')) as unknown[];

    expect(setting).to.deep.equal({ statement_timeout: '15s' });
    expect(temporary).to.contain('does not exist');
    expect(path).to.deep.equal({ search_path: 'one' });
  });

  it('cannot read each other where each has a role', async () => {
    await using place = await PostgresPlace.create();
    const [a, b] = [`${place.name}_a`, `${place.name}_b`];
    await place.query(`CREATE ROLE ${a}; CREATE ROLE ${b}`);
    try {
      const plugin = { one: { role: a }, two: { role: b } };
      await using backend = await startWith(
        ['one', 'two'].map(id => pluginWith(id, { entities: [Item] })),
        { ...place.schemas, synchronize: true, plugin },
      );
      const two = await dataSourceOf(backend, 'two');

      const refused = await two.query('SELECT * FROM one.items').catch((error: Error) => error.message);

      expect(refused).to.contain('permission denied');
    } finally {
      for (const { datname } of await place.query(`SELECT datname FROM pg_database WHERE datname = '${place.name}'`))
        await place.query(`DROP DATABASE "${String(datname)}" WITH (FORCE)`);
      await place.query(`DROP ROLE ${a}; DROP ROLE ${b}`);
    }
  });

  it('go on when the server has ended their connections, also within transactions', async () => {
    await using place = await PostgresPlace.create();
    await using opened = await openItems(place.schemas);
    const items = opened.dataSource.getRepository(Item);
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${place.name}'`;

    const failed = opened.dataSource.transaction(async manager => {
      await manager.getRepository(Item).insert({ name: 'lost' });
      await place.query(kill);
      await manager.getRepository(Item).insert({ name: 'never' });
    });
    const failure = await failed.catch((error: unknown) => error);
    await place.query(kill);
    await until('a row is written again', () =>
      items.insert({ name: 'kept' }).then(
        () => true,
        () => false,
      ),
    );

    expect(failure).to.be.instanceOf(Error);
    expect((await items.find()).map(({ name }) => name)).to.deep.equal(['kept']);
  });

  it('are not ready while their database is away, and ready again when it is back', async () => {
    await using place = await PostgresPlace.create();
    await using backend = await startWith([pluginWith('one')], place.schemas);
    const readiness = async () => (await backend.request.get('/.backplane/health/v1/readiness')).status;
    const allow = (allowed: boolean) => place.query(`ALTER DATABASE ${place.name} ALLOW_CONNECTIONS ${allowed}`);
    const before = await readiness();

    await allow(false);
    await place.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${place.name}'`);
    await until('the backend is not ready', async () => (await readiness()) === 503);
    await allow(true);
    await until('the backend is ready again', async () => (await readiness()) === 200);

    expect(before).to.equal(200);
  });

  it('R22: do not get a connection that has died in a transaction, not even at once', async () => {
    await using place = await PostgresPlace.create();
    await using opened = await openItems(place.schemas);
    const { dataSource } = opened;

    const failed = dataSource.transaction(async manager => {
      const [own] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
      // Others that were ended as well might not have heard of it yet.
      const kill = sleep(100).then(() => place.query(`SELECT pg_terminate_backend(${own!.pid})`));
      await Promise.all([manager.query('SELECT pg_sleep(5)'), kill]);
    });
    const failure = await failed.catch((error: unknown) => error);
    const next = await dataSource.query('SELECT 1 AS one');

    expect(failure).to.have.property('code', 'DATABASE_UNREACHABLE');
    expect(next).to.deep.equal([{ one: 1 }]);
  });

  it('outlive a connection that breaks while it changes hands', async () => {
    await using place = await PostgresPlace.create();
    await using proxy = await FaultProxy.before(new URL(place.url));
    const database = { ...place.schemas, connection: proxy.url, pool: { max: 2 } };
    await using backend = await startWith([pluginWith('one'), pluginWith('two')], database);
    const [one, two] = [await dataSourceOf(backend, 'one'), await dataSourceOf(backend, 'two')];
    await Promise.all([1, 2, 3].map(() => one.query('SELECT 1')));

    await proxy.set('blackhole');
    const waiting = two.query('SELECT 1').catch((error: unknown) => error);
    await sleep(50);
    await proxy.set('reset');
    const failure = await waiting;
    await proxy.set('pass');

    expect(failure).to.have.property('code', 'DATABASE_UNREACHABLE');
    // Another connection may have been reset as well, without the pool knowing yet.
    const ask = () => two.query('SELECT 2 AS two').catch(() => undefined);
    await until('the pool has a connection that works', async () => (await ask()) !== undefined);
    expect(await ask()).to.deep.equal([{ two: 2 }]);
  });

  it('give up a query that takes too long, and the connection with it', async () => {
    await using place = await PostgresPlace.create();
    await using opened = await openItems({ ...place.schemas, queryTimeout: 200, pool: { max: 2 } });
    const slow = await Promise.allSettled([1, 2, 3].map(() => opened.dataSource.query('SELECT pg_sleep(3)')));

    expect(slow.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected']);
    expect(await opened.dataSource.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('say which server is not there, and no password', async () => {
    const connection = 'postgres://someone:hunter2hunter2@127.0.0.1:1/none';
    const started = startWith([pluginWith('one')], { client: 'pg', connection });

    const failure = await started.catch((error: BackendStartupError) => error.problems[0]!.cause);

    expect(failure).to.have.property('code', 'DATABASE_UNREACHABLE');
    expect((failure as Error).message)
      .to.contain('127.0.0.1:1')
      .and.not.contain('hunter2');
  });
});
