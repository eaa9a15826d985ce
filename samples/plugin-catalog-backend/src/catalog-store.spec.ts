import type { Entity } from '@inventory/plugin-catalog-common';
import { expect } from 'chai';
import { CatalogStore } from './catalog-store.js';

const firstPage = { limit: 50, offset: 0 };

function component(name: string, more: Partial<Entity> = {}): Entity {
  return { kind: 'component', name, dependencies: [], source: `node_modules/${name}/package.json`, ...more };
}

function storeOf(...entities: Entity[]): CatalogStore {
  const store = new CatalogStore();
  for (const entity of entities) store.put(entity);
  return store;
}

function names(entities: readonly Entity[]): string[] {
  return entities.map(({ name, version }) => (version === undefined ? name : `${name}@${version}`));
}

describe('CatalogStore', () => {
  describe('put()', () => {
    it('replaces the entity of the same kind, name and version', () => {
      const store = storeOf(
        component('koa', { version: '3.0.0' }),
        component('koa', { version: '3.0.0', license: 'MIT' }),
      );

      expect(store.find(firstPage).items).to.deep.equal([component('koa', { version: '3.0.0', license: 'MIT' })]);
    });

    it('is seen by a query that was asked before', () => {
      const store = storeOf(component('koa'));
      store.find(firstPage);

      store.put(component('chai'));

      expect(names(store.find(firstPage).items)).to.deep.equal(['chai', 'koa']);
    });
  });

  describe('find()', () => {
    it('sorts by kind, name and version, numbers as numbers', () => {
      const store = storeOf(
        component('koa', { version: '10.0.0' }),
        { ...component('inventory'), kind: 'system' },
        component('koa', { version: '9.0.0' }),
        component('@koa/router'),
      );

      const { items } = store.find(firstPage);

      expect(names(items)).to.deep.equal(['@koa/router', 'koa@9.0.0', 'koa@10.0.0', 'inventory']);
    });

    it('gives one page and the total of all pages', () => {
      const store = storeOf(component('a'), component('b'), component('c'), component('d'));

      const page = store.find({ limit: 2, offset: 1 });

      expect(names(page.items)).to.deep.equal(['b', 'c']);
      expect(page.total).to.equal(4);
    });

    it('gives an empty page behind the last one', () => {
      const store = storeOf(component('a'));

      expect(store.find({ limit: 2, offset: 10 })).to.deep.equal({ items: [], total: 1 });
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
    ];
    for (const { filter, found } of filters) {
      it(`finds ${JSON.stringify(found)} for ${JSON.stringify(filter)}`, () => {
        const store = storeOf(
          component('koa', { license: 'MIT' }),
          component('@koa/router', { license: 'MIT', dependencies: [{ name: 'koa', range: '^3.0.0' }] }),
          component('once', { license: 'ISC', description: 'Runs a function once' }),
          { ...component('inventory', { title: 'Software', description: 'A ROUTER of things' }), kind: 'system' },
        );

        expect(names(store.find({ ...firstPage, ...filter }).items)).to.deep.equal(found);
      });
    }
  });

  describe('versions()', () => {
    it('gives every version of one thing, oldest first', () => {
      const store = storeOf(
        component('koa', { version: '10.0.0' }),
        component('koa', { version: '9.0.0' }),
        component('once'),
      );

      expect(names(store.versions('component', 'koa'))).to.deep.equal(['koa@9.0.0', 'koa@10.0.0']);
    });

    it('gives nothing for another kind of that name', () => {
      const store = storeOf(component('koa'));

      expect(store.versions('system', 'koa')).to.deep.equal([]);
    });
  });

  describe('counts()', () => {
    it('counts kinds, and licenses where one is stated, most used first', () => {
      const store = storeOf(
        component('a', { license: 'ISC' }),
        component('b', { license: 'MIT' }),
        component('c', { license: 'MIT' }),
        { ...component('inventory'), kind: 'system' },
      );

      const counts = store.counts();

      expect(counts).to.deep.equal({ entities: 4, kinds: { component: 3, system: 1 }, licenses: { MIT: 2, ISC: 1 } });
      expect(Object.keys(counts.licenses)).to.deep.equal(['MIT', 'ISC']);
    });

    it('counts a license of any name', () => {
      const store = storeOf(component('a', { license: '__proto__' }));

      expect(Object.entries(store.counts().licenses)).to.deep.equal([['__proto__', 1]]);
    });
  });
});
