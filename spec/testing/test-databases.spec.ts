import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestBackend, TestDatabases } from '../../lib/testing/index.js';
import { dataSourceOf, Item, pluginWith } from '../services/database/database-fixture.js';

describe('TestDatabases', () => {
  for (const id of ['sqlite-memory', 'sqlite-files'] as const) {
    it(`gives a fresh database of ${id} each time, with the tables of entities`, async () => {
      await using databases = await TestDatabases.create({ ids: [id] });
      const services = await Promise.all(
        [1, 2].map(async () => (await databases.init(id)).service({ entities: [Item] })),
      );
      const [one, two] = await Promise.all(services.map(service => service.getDataSource()));
      await one!.getRepository(Item).insert({ name: 'of one' });

      expect(databases.eachSupportedId()).to.deep.equal([id]);
      expect([await one!.getRepository(Item).count(), await two!.getRepository(Item).count()]).to.deep.equal([1, 0]);
    });
  }

  it('gives what a backend is configured with, which keeps it from one start to the next', async () => {
    await using databases = await TestDatabases.create({ ids: ['sqlite-files'] });
    await using database = await databases.init('sqlite-files');
    const options = {
      features: [pluginWith('store', { entities: [Item] })],
      config: { backend: { database: database.config } },
    };
    {
      await using backend = await TestBackend.start(options);
      await (await dataSourceOf(backend, 'store')).getRepository(Item).insert({ name: 'kept' });
    }
    await using backend = await TestBackend.start(options);

    expect(await (await dataSourceOf(backend, 'store')).getRepository(Item).count()).to.equal(1);
  });

  it('keeps files where it is told to', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
    try {
      await using databases = await TestDatabases.create({ ids: ['sqlite-files'], directory });
      await using database = await databases.init('sqlite-files');
      await database.service().getDataSource();

      expect(readdirSync(directory)).to.have.length(1);
    } finally {
      rmdirSync(directory);
    }
  });

  it('removes whatever it has made, once for all', async () => {
    const databases = await TestDatabases.create({ ids: ['sqlite-files'] });
    const database = await databases.init('sqlite-files');
    const dataSource = await database.service().getDataSource();
    const { directory } = database.config['connection'] as { directory: string };
    const wasThere = existsSync(directory);

    await databases[Symbol.asyncDispose]();

    expect([wasThere, existsSync(directory), dataSource.isInitialized]).to.deep.equal([true, false, false]);
  });

  it('leaves out servers that do not answer', async () => {
    const before = process.env['BACKPLANE_TEST_MYSQL'];
    process.env['BACKPLANE_TEST_MYSQL'] = 'mysql://root@127.0.0.1:1';
    try {
      await using databases = await TestDatabases.create({ ids: ['mysql', 'sqlite-memory'] });
      const failure = await databases.init('mysql').catch((error: unknown) => error);

      expect(databases.eachSupportedId()).to.deep.equal(['sqlite-memory']);
      expect([databases.supports('mysql'), databases.supports('sqlite-memory')]).to.deep.equal([false, true]);
      expect(failure).to.have.property('code', 'NO_TEST_DATABASE');
    } finally {
      if (before === undefined) delete process.env['BACKPLANE_TEST_MYSQL'];
      else process.env['BACKPLANE_TEST_MYSQL'] = before;
    }
  });
});
