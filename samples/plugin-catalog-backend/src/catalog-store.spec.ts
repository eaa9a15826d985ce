import type { Entity } from '@inventory/plugin-catalog-common';
import { mockServices } from 'backplane/testing';
import { expect } from 'chai';
import { CatalogStore } from './catalog-store.js';
import { catalogTables } from './catalog-tables.js';

const firstPage = { limit: 50, offset: 0 };

function component(name: string, more: Partial<Entity> = {}): Entity {
  return { kind: 'component', name, dependencies: [], source: `node_modules/${name}/package.json`, ...more };
}

function names(entities: readonly Entity[]): string[] {
  return entities.map(({ name, version }) => (version === undefined ? name : `${name}@${version}`));
}

describe('CatalogStore', () => {
  let database: ReturnType<typeof mockServices.database>;

  beforeEach(() => (database = mockServices.database({ pluginId: 'catalog', ...catalogTables })));
  afterEach(() => database[Symbol.asyncDispose]());

  const readBy = { provider: 'test', reading: 'first' };

  async function storeOf(...entities: Entity[]): Promise<CatalogStore> {
    const store = new CatalogStore(database, mockServices.events());
    // One by one: entities of the same name replace each other.
    for (const entity of entities) await store.put([entity], readBy);
    return store;
  }

  describe('put()', () => {
    it('replaces the entity of the same kind, name and version', async () => {
      const store = await storeOf(
        component('koa', { version: '3.0.0' }),
        component('koa', { version: '3.0.0', license: 'MIT' }),
      );

      expect((await store.find(firstPage)).items).to.deep.equal([
        component('koa', { version: '3.0.0', license: 'MIT' }),
      ]);
    });

    it('changes the dependencies with the entity', async () => {
      const [koa, chai] = [{ name: 'koa', range: '^3.0.0' }, { name: 'chai' }];
      const store = await storeOf(
        component('a', { dependencies: [koa, chai] }),
        component('a', { dependencies: [chai] }),
      );

      expect((await store.find(firstPage)).items).to.deep.equal([component('a', { dependencies: [chai] })]);
      expect(await store.find({ ...firstPage, dependency: 'koa' })).to.have.property('total', 0);
    });

    it('is seen by a query that was asked before', async () => {
      const store = await storeOf(component('koa'));
      await store.find(firstPage);

      await store.put([component('chai')], readBy);

      expect(names((await store.find(firstPage)).items)).to.deep.equal(['chai', 'koa']);
    });
  });

  describe('removeOthers()', () => {
    it('removes what the provider no longer gives, and nothing that another one gives', async () => {
      const store = new CatalogStore(database, mockServices.events());
      await store.put([component('gone'), component('kept')], readBy);
      await store.put([component('other')], { provider: 'other', reading: 'first' });
      const second = { provider: 'test', reading: 'second' };
      await store.put([component('kept')], second);

      await store.removeOthers(second);

      expect(names((await store.find(firstPage)).items)).to.deep.equal(['kept', 'other']);
    });
  });

  it('tells of each change in its own transaction, and of nothing that stays as it is', async () => {
    const events = mockServices.events();
    const store = new CatalogStore(database, events);
    const second = { provider: 'test', reading: 'second' };

    await store.put([component('a', { version: '1.0.0' }), component('b')], readBy);
    await store.put([component('a', { version: '1.0.0', license: 'MIT' })], second);
    await store.put([component('a', { version: '1.0.0', license: 'MIT' })], second);
    await store.removeOthers(second);

    expect(events.published.map(({ topic, payload, options }) => [topic.name, payload, options.key])).to.deep.equal([
      ['catalog.entity-changed', { kind: 'component', name: 'a', version: '1.0.0', change: 'written' }, 'component a'],
      ['catalog.entity-changed', { kind: 'component', name: 'b', change: 'written' }, 'component b'],
      ['catalog.entity-changed', { kind: 'component', name: 'a', version: '1.0.0', change: 'written' }, 'component a'],
      ['catalog.entity-changed', { kind: 'component', name: 'b', change: 'removed' }, 'component b'],
    ]);
    for (const { options } of events.published) expect(options.manager).to.have.nested.property('queryRunner');
  });

  describe('find()', () => {
    it('sorts by kind, name and version, numbers as numbers', async () => {
      const store = await storeOf(
        component('koa', { version: '10.0.0' }),
        { ...component('inventory'), kind: 'system' },
        component('koa', { version: '9.0.0' }),
        component('@koa/router'),
      );

      const { items } = await store.find(firstPage);

      expect(names(items)).to.deep.equal(['@koa/router', 'koa@9.0.0', 'koa@10.0.0', 'inventory']);
    });

    it('gives one page and the total of all pages', async () => {
      const store = await storeOf(component('a'), component('b'), component('c'), component('d'));

      const page = await store.find({ limit: 2, offset: 1 });

      expect(names(page.items)).to.deep.equal(['b', 'c']);
      expect(page.total).to.equal(4);
    });

    it('gives an empty page behind the last one', async () => {
      const store = await storeOf(component('a'));

      expect(await store.find({ limit: 2, offset: 10 })).to.deep.equal({ items: [], total: 1 });
    });

    const filters = [
      { filter: { kind: 'system' }, found: ['inventory'] },
      { filter: { name: 'koa' }, found: ['koa'] },
      { filter: { license: 'ISC' }, found: ['once'] },
      { filter: { dependency: 'koa' }, found: ['@koa/router'] },
      { filter: { q: 'router' }, found: ['@koa/router', 'inventory'] },
      { filter: { q: 'router', kind: 'component' }, found: ['@koa/router'] },
      { filter: { q: 'software' }, found: ['inventory'] },
      { filter: { q: 'ROUTER', kind: 'Component' }, found: ['@koa/router'] },
      { filter: { name: 'KOA' }, found: [] },
      { filter: { q: '%' }, found: [] },
      { filter: { q: "r' OR 1=1 --" }, found: [] },
    ];
    for (const { filter, found } of filters) {
      it(`finds ${JSON.stringify(found)} for ${JSON.stringify(filter)}`, async () => {
        const store = await storeOf(
          component('koa', { license: 'MIT' }),
          component('@koa/router', { license: 'MIT', dependencies: [{ name: 'koa', range: '^3.0.0' }] }),
          component('once', { license: 'ISC', description: 'Runs a function once' }),
          { ...component('inventory', { title: 'Software', description: 'A ROUTER of things' }), kind: 'system' },
        );

        expect(names((await store.find({ ...firstPage, ...filter })).items)).to.deep.equal(found);
      });
    }
  });

  describe('versions()', () => {
    it('gives every version of one thing, oldest first', async () => {
      const store = await storeOf(
        component('koa', { version: '10.0.0' }),
        component('koa', { version: '9.0.0' }),
        component('once'),
      );

      expect(names(await store.versions('component', 'koa'))).to.deep.equal(['koa@9.0.0', 'koa@10.0.0']);
    });

    it('gives nothing for another kind of that name', async () => {
      const store = await storeOf(component('koa'));

      expect(await store.versions('system', 'koa')).to.deep.equal([]);
    });
  });

  describe('counts()', () => {
    it('counts kinds, and licenses where one is stated, most used first', async () => {
      const store = await storeOf(
        component('a', { license: 'ISC' }),
        component('b', { license: 'MIT' }),
        component('c', { license: 'MIT' }),
        { ...component('inventory'), kind: 'system' },
      );

      const counts = await store.counts();

      expect(counts).to.deep.equal({ entities: 4, kinds: { component: 3, system: 1 }, licenses: { MIT: 2, ISC: 1 } });
      expect(Object.keys(counts.licenses)).to.deep.equal(['MIT', 'ISC']);
    });

    it('counts a license of any name', async () => {
      const store = await storeOf(component('a', { license: '__proto__' }));

      expect(Object.entries((await store.counts()).licenses)).to.deep.equal([['__proto__', 1]]);
    });
  });
});
