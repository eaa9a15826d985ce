import { expect } from 'chai';
import { Entity, type MigrationInterface, PrimaryGeneratedColumn, type QueryRunner } from 'typeorm';
import type { Class } from '../../decorators/tokens.js';
import { Neighbours } from '../../lib/services/database/neighbours.js';
import { TestDatabases } from '../../lib/testing/index.js';
import { dataSourceOf, Item, pluginWith, startWith } from '../services/database/database-fixture.js';

class CreateItems implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE items (id integer PRIMARY KEY, name varchar(40) NOT NULL)');
  }
  async down(): Promise<void> {}
}

/** The table that plugin `foo` would have if its tables carried its name. */
@Entity('foo_items')
class FooItem {
  @PrimaryGeneratedColumn()
  id!: number;
}

describe('The database of a plugin', () => {
  let databases: TestDatabases;

  before(async () => {
    databases = await TestDatabases.create({ ids: ['sqlite-files'] });
  });
  after(() => databases[Symbol.asyncDispose]());

  it('I19 shows nothing of what another plugin has stored, not even to raw SQL', async () => {
    await using place = await databases.init('sqlite-files');
    const plugins = ['one', 'two'].map(id => pluginWith(id, { entities: [Item] }));
    await using backend = await startWith(plugins, place.config);
    const [one, two] = [await dataSourceOf(backend, 'one'), await dataSourceOf(backend, 'two')];
    await one.getRepository(Item).insert({ name: 'of one' });

    const tables: unknown = await two.query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'items'`);

    expect(tables).to.deep.equal([{ name: 'items' }]);
    expect(await two.query('SELECT * FROM items')).to.deep.equal([]);
  });

  it('I19 is another one than that of a plugin whose id begins in the same way', async () => {
    await using place = await databases.init('sqlite-files');
    const entitiesOf: Record<string, Class[]> = { foo: [Item, FooItem], 'foo-items': [Item], 'foo-bar': [Item] };
    const plugins = Object.entries(entitiesOf).map(([id, entities]) => pluginWith(id, { entities }));
    await using backend = await startWith(plugins, place.config);
    await (await dataSourceOf(backend, 'foo')).getRepository(Item).insert({ name: 'of foo' });

    const counts = await Promise.all(
      Object.keys(entitiesOf).map(async id => (await dataSourceOf(backend, id)).getRepository(Item).count()),
    );

    expect(counts).to.deep.equal([1, 0, 0]);
  });

  it('I19 is not given to a second plugin, whatever the configuration says', () => {
    const neighbours = new Neighbours();
    const leave = neighbours.claim('db:5432/all', 'one');

    expect(() => neighbours.claim('db:5432/all', 'two'))
      .to.throw()
      .with.property('code', 'DATABASE_SHARED');
    leave();
    expect(() => neighbours.claim('db:5432/all', 'two')).not.to.throw();
  });

  it('I20 is said to have no boundary where its plugin shares a role with another, once for each server', () => {
    const access = { server: 'db:5432/all', user: 'app', isPrivileged: false };
    const neighbours = new Neighbours();

    const told = [
      neighbours.meet('one', access),
      neighbours.meet('one', access),
      neighbours.meet('two', { ...access, user: 'two' }),
      neighbours.meet('three', { ...access, server: 'elsewhere' }),
      neighbours.meet('four', access),
      neighbours.meet('five', access),
      neighbours.meet('six', undefined),
    ];

    expect(told.map(message => message !== undefined)).to.deep.equal([false, false, false, false, true, false, false]);
    expect(told[4]).to.contain(`plugin 'four'`).and.contain(`plugin 'one'`).and.contain('ownRoles');
  });

  it('I20 is said to have no boundary where another plugin may do whatever it likes', () => {
    const neighbours = new Neighbours();
    neighbours.meet('one', { server: 'db', user: 'one', isPrivileged: false });

    const told = neighbours.meet('two', { server: 'db', user: 'postgres', isPrivileged: true });

    expect(told).to.contain(`plugin 'one'`);
  });

  it('I22 has had its own migrations, also where another plugin has some of the same name', async () => {
    await using place = await databases.init('sqlite-files');
    const plugins = ['one', 'two'].map(id => pluginWith(id, { entities: [Item], migrations: [CreateItems] }));
    await using backend = await startWith(plugins, place.config);

    const applied = await Promise.all(
      ['one', 'two'].map(async id => (await dataSourceOf(backend, id)).query('SELECT name FROM backplane_migrations')),
    );

    expect(applied).to.deep.equal([[{ name: 'CreateItems' }], [{ name: 'CreateItems' }]]);
  });
});
