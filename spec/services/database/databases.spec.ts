import { expect } from 'chai';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Column, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { Module } from '../../../decorators/index.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { dataSourceOf, Item, pluginWith, startWith } from './database-fixture.js';
import { databasesOn, type Place } from './database-suite.js';

class Folder implements Place {
  readonly path = mkdtempSync(join(tmpdir(), 'backplane-'));
  readonly config = { connection: { directory: this.path } };

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.path, { recursive: true });
  }
}

@Entity('notes')
class MisnamedNote {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar')
  text!: string;
}

@Entity('extra_links')
class LinkedNote {
  @PrimaryGeneratedColumn()
  id!: number;

  @ManyToOne(() => Item)
  item!: Item;
}

@Module({ pluginId: 'store', moduleId: 'extra', entities: [MisnamedNote] })
class MisnamingModule {}

@Module({ pluginId: 'store', moduleId: 'extra', entities: [LinkedNote] })
class LinkingModule {}

databasesOn('SQLite in files', async () => new Folder());

describe('databases on SQLite', () => {
  it('are a file for each plugin, written ahead', async () => {
    await using folder = new Folder();
    await using backend = await startWith([pluginWith('one'), pluginWith('two')], folder.config);
    const mode: unknown = await (await dataSourceOf(backend, 'one')).query('PRAGMA journal_mode');

    expect(readdirSync(folder.path).filter(name => name.endsWith('.sqlite'))).to.have.members([
      'one.sqlite',
      'two.sqlite',
    ]);
    expect(mode).to.deep.equal([{ journal_mode: 'wal' }]);
  });

  it('are whole in that file when the backend has stopped', async () => {
    await using folder = new Folder();
    await using elsewhere = new Folder();
    const backend = await startWith([pluginWith('store', { entities: [Item] })], {
      ...folder.config,
      synchronize: true,
    });
    await (await dataSourceOf(backend, 'store')).getRepository(Item).save({ name: 'kept' });
    await backend.stop();
    copyFileSync(join(folder.path, 'store.sqlite'), join(elsewhere.path, 'store.sqlite'));

    await using other = await startWith([pluginWith('store', { entities: [Item] })], elsewhere.config);

    expect(await (await dataSourceOf(other, 'store')).getRepository(Item).count()).to.equal(1);
  });

  it('are in memory without configuration, with the tables of the entities', async () => {
    await using backend = await startWith([pluginWith('store', { entities: [Item] })]);
    const dataSource = await dataSourceOf(backend, 'store');
    await dataSource.getRepository(Item).save({ name: 'kept' });

    expect(await dataSource.getRepository(Item).count()).to.equal(1);
  });

  it('are where the settings of their plugin say', async () => {
    await using folder = new Folder();
    const database = { plugin: { one: { connection: { directory: folder.path } } } };
    await using backend = await startWith([pluginWith('one'), pluginWith('two')], database);
    await dataSourceOf(backend, 'two');

    expect([existsSync(join(folder.path, 'one.sqlite')), existsSync(join(folder.path, 'two.sqlite'))]).to.deep.equal([
      true,
      false,
    ]);
  });

  for (const [title, module] of [
    ['does not carry its id', MisnamingModule],
    ['is tied to a table of the plugin', LinkingModule],
  ] as const) {
    it(`do not open where a table of a module ${title}`, async () => {
      const started = startWith([pluginWith('store', { entities: [Item] }), module]);

      const failure = await started.catch((error: { problems: { cause: unknown }[] }) => error.problems[0]!.cause);

      expect(failure).to.have.property('code', 'FOREIGN_TABLE');
    });
  }
});

describe('mockServices.database()', () => {
  it('is a database without a backend, until it is disposed', async () => {
    const database = mockServices.database({ entities: [Item] });
    const dataSource = await database.getDataSource();
    await dataSource.getRepository(Item).save({ name: 'kept' });
    const count = await dataSource.getRepository(Item).count();
    await database[Symbol.asyncDispose]();

    expect([count, dataSource.isInitialized]).to.deep.equal([1, false]);
  });
});
