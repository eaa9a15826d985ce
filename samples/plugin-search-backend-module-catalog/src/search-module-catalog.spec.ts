import { entityChanged, type Entity, type EntityPage } from '@inventory/plugin-catalog-common';
import { CatalogClient } from '@inventory/plugin-catalog-node';
import type { SearchDocument } from '@inventory/plugin-search-common';
import { SearchCollecting, type Collected, type SearchCollector } from '@inventory/plugin-search-node';
import { EventsService, type Call } from 'backplane';
import { mockCredentials, mockServices, override, TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { SearchModuleCatalog } from './search-module-catalog.js';

function component(name: string, more: Partial<Entity> = {}): Entity {
  return { kind: 'component', name, dependencies: [], source: `node_modules/${name}/package.json`, ...more };
}

/** Stands in for the search: keeps what modules add. */
class CollectorsOnly extends SearchCollecting {
  readonly collectors: SearchCollector[] = [];

  changes = 0;

  override addCollector(collector: SearchCollector): Collected {
    this.collectors.push(collector);
    return { hasChanged: async () => void (this.changes += 1) };
  }
}

/** A catalog with these entities, and whoever has asked for them. */
function catalogOf(entities: readonly Entity[]) {
  const calls: unknown[] = [];
  class SmallCatalog extends CatalogClient {
    override readonly listEntities: CatalogClient['listEntities'] = async ({ query }, call): Promise<EntityPage> => {
      calls.push(call);
      const { offset = 0, limit = 50 } = query ?? {};
      return { items: entities.slice(offset, offset + limit), total: entities.length };
    };
  }
  return { calls, SmallCatalog };
}

const call: Call = {
  credentials: mockCredentials.user('user:default/ada'),
  signal: new AbortController().signal,
  requestId: 'r1',
  headers: {},
};

async function collectFrom(catalog: ReturnType<typeof catalogOf>): Promise<SearchDocument[]> {
  const collecting = new CollectorsOnly();
  await using _ = await TestBackend.start({
    features: [SearchModuleCatalog],
    extensionPoints: [[SearchCollecting, collecting]],
    overrides: [override(CatalogClient).withClass(catalog.SmallCatalog)],
  });
  const documents: SearchDocument[] = [];
  for await (const document of collecting.collectors[0]!.collect(call)) documents.push(document);
  return documents;
}

describe('module catalog of plugin search', () => {
  it('makes a document of each entity', async () => {
    const catalog = catalogOf([component('koa', { version: '3.0.0', description: 'web framework' })]);

    expect(await collectFrom(catalog)).to.deep.equal([
      {
        id: 'component koa 3.0.0',
        type: 'entity',
        title: 'koa',
        text: 'koa web framework',
        location: '/api/catalog/entities/component/koa',
      },
    ]);
  });

  it('tells the search what the catalog has told', async () => {
    const collecting = new CollectorsOnly();
    const events = mockServices.events();
    await using _ = await TestBackend.start({
      features: [SearchModuleCatalog],
      extensionPoints: [[SearchCollecting, collecting]],
      overrides: [override(EventsService).withValue(events)],
    });

    await events.deliver(entityChanged, { kind: 'component', name: 'koa', change: 'written' });

    expect(collecting.changes).to.equal(1);
  });

  it('asks the catalog on behalf of whoever searches, page by page', async () => {
    const catalog = catalogOf(Array.from({ length: 450 }, (_, n) => component(`c${n}`)));

    expect(await collectFrom(catalog)).to.have.lengthOf(450);
    expect(catalog.calls).to.deep.equal([call, call, call]);
  });

  it('takes an entity once, though another that comes in between moves it to the next page', async () => {
    const entities = Array.from({ length: 250 }, (_, n) => component(`c${n}`));
    const catalog = catalogOf([...entities.slice(0, 200), ...entities.slice(199)]);

    expect(new Set((await collectFrom(catalog)).map(({ id }) => id))).to.have.property('size', 250);
    expect(await collectFrom(catalog)).to.have.lengthOf(250);
  });
});
