import { expect } from 'chai';
import { Column, Entity, type MigrationInterface, PrimaryGeneratedColumn, type QueryRunner } from 'typeorm';
import { Module } from '../../../decorators/index.js';
import type { Class } from '../../../decorators/tokens.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { DatabaseService } from '../../../lib/api/database-service.js';
import { BackendStartupError } from '../../../lib/errors/backend-startup-error.js';
import { dataSourceOf, Item, pluginWith, startWith } from './database-fixture.js';

/** Where the databases of one test are, until it is over. */
export interface Place extends AsyncDisposable {
  readonly config: JsonObject;
}

@Entity('extra_notes')
class ExtraNote {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar')
  text!: string;
}

class CreateItems implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE items (id integer PRIMARY KEY, name varchar(40) NOT NULL)');
  }
  async down(): Promise<void> {}
}

class FillItems implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`INSERT INTO items (id, name) VALUES (1, 'first')`);
  }
  async down(): Promise<void> {}
}

/** Only where the plugin's have been. */
class CreateNotes implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE extra_notes (id integer PRIMARY KEY, text varchar(40) NOT NULL)');
    await runner.query(`INSERT INTO extra_notes (id, text) SELECT id, name FROM items`);
  }
  async down(): Promise<void> {}
}

class HalfDone implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`INSERT INTO items (id, name) VALUES (2, 'half')`);
    await runner.query('INSERT INTO no_such_table (id) VALUES (1)');
  }
  async down(): Promise<void> {}
}

@Module({ pluginId: 'store', moduleId: 'extra', entities: [ExtraNote], migrations: [CreateNotes] })
class ExtraModule {}

const store = (...migrations: Class[]): Class => pluginWith('store', { entities: [Item], migrations });

async function refusal(features: readonly Class[], config: JsonObject): Promise<BackendStartupError> {
  const started = await startWith(features, config).then(
    backend => backend.stop(),
    (error: unknown) => error,
  );
  expect(started).to.be.instanceOf(BackendStartupError);
  return started as BackendStartupError;
}

/** What holds for the databases of plugins on every client; `instances` of a backend may use them at the same time. */
export function databasesOn(client: string, open: () => Promise<Place>, { instances = 5 } = {}): void {
  describe(`databases on ${client}`, () => {
    let place: Place;
    const start = (...features: Class[]) => startWith(features, place.config);

    beforeEach(async () => {
      place = await open();
    });
    afterEach(() => place[Symbol.asyncDispose]());

    it('have had the migrations of the plugin, then of its modules, when they are given', async () => {
      await using backend = await start(ExtraModule, store(CreateItems, FillItems));
      const dataSource = await dataSourceOf(backend, 'store');

      expect(await dataSource.getRepository(ExtraNote).find()).to.deep.equal([{ id: 1, text: 'first' }]);
    });

    it('keep what is in them, and have no migration twice', async () => {
      await (await start(store(CreateItems, FillItems))).stop();
      await using backend = await start(store(CreateItems, FillItems));
      const dataSource = await dataSourceOf(backend, 'store');

      expect(await dataSource.getRepository(Item).find()).to.deep.equal([{ id: 1, name: 'first' }]);
    });

    it('are migrated once where several instances start at the same time', async () => {
      const backends = await Promise.all(Array.from({ length: instances }, () => start(store(CreateItems, FillItems))));
      const dataSource = await dataSourceOf(backends[0]!, 'store');
      const rows: unknown = await dataSource.query('SELECT name FROM backplane_migrations ORDER BY name');
      await Promise.all(backends.map(backend => backend.stop()));

      expect(rows).to.deep.equal([{ name: 'CreateItems' }, { name: 'FillItems' }]);
    });

    it('of two plugins may have migrations of the same name, and tables', async () => {
      const other = pluginWith('other', { entities: [Item], migrations: [CreateItems] });
      await using backend = await start(store(CreateItems, FillItems), other);
      const [a, b] = [await dataSourceOf(backend, 'store'), await dataSourceOf(backend, 'other')];

      expect([await a.getRepository(Item).count(), await b.getRepository(Item).count()]).to.deep.equal([1, 0]);
    });

    it('do not show what is in those of other plugins, not even to raw SQL', async () => {
      await using backend = await start(store(CreateItems, FillItems), pluginWith('other'));
      const other = await dataSourceOf(backend, 'other');
      // Connections go from hand to hand.
      await Promise.all(
        Array.from({ length: 5 }, async () => (await dataSourceOf(backend, 'store')).query('SELECT 1')),
      );

      const asked = await Promise.allSettled(Array.from({ length: 5 }, () => other.query('SELECT * FROM items')));

      expect(asked.map(({ status }) => status)).to.deep.equal(Array.from({ length: 5 }, () => 'rejected'));
    });

    it('undo a migration that fails, and have it when it is mended', async () => {
      const { problems } = await refusal([store(CreateItems, HalfDone)], place.config);
      await using backend = await start(store(CreateItems, FillItems));
      const dataSource = await dataSourceOf(backend, 'store');

      expect(problems[0]!.cause).to.have.property('code', 'MIGRATION_FAILED');
      expect(await dataSource.getRepository(Item).find()).to.deep.equal([{ id: 1, name: 'first' }]);
    });

    it('refuse a plugin that does not know a migration they have had', async () => {
      await (await start(store(CreateItems, FillItems))).stop();

      const { problems } = await refusal([store(CreateItems)], place.config);

      expect(problems[0]!.cause).to.have.property('code', 'UNKNOWN_MIGRATION');
    });

    it('leave the tables of a module alone that is no longer installed', async () => {
      await (await start(ExtraModule, store(CreateItems, FillItems))).stop();
      await using backend = await start(store(CreateItems, FillItems));
      const dataSource = await dataSourceOf(backend, 'store');

      expect(await dataSource.query('SELECT id FROM extra_notes')).to.deep.equal([{ id: 1 }]);
    });

    it('are closed when the plugin has stopped, and stay so', async () => {
      const backend = await start(store(CreateItems));
      const service = backend.get(DatabaseService, { pluginId: 'store' });
      const dataSource = await service.getDataSource();
      await backend.stop();

      const failure = await service.getDataSource().catch((error: unknown) => error);

      expect(dataSource.isInitialized).to.equal(false);
      expect(failure).to.have.property('code', 'DATABASE_CLOSED');
    });

    it('are part of the readiness of the backend', async () => {
      await using backend = await start(store(CreateItems));
      const { body } = await backend.request.get('/.backplane/health/v1/readiness');

      expect(body).to.deep.include({ status: 'ok' });
    });
  });
}
