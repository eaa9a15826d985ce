import type { Found, SearchDocument } from '@inventory/plugin-search-common';
import { SearchCollecting, type Collected, type SearchCollector } from '@inventory/plugin-search-node';
import { LoggerService, Module, type Call } from 'backplane';
import { mockCredentials, mockServices, override, TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { SearchPlugin } from './search-plugin.js';

function document(title: string, more: Partial<SearchDocument> = {}): SearchDocument {
  return { id: title, type: 'page', title, location: `/pages/${title}`, ...more };
}

/** A module that gives the search what `collect` yields. */
function moduleCollecting(type: string, collect: SearchCollector['collect']) {
  @Module({ pluginId: 'search', moduleId: `test-${type}` })
  class SearchModuleTest {
    constructor(private readonly collecting: SearchCollecting) {}

    init(): void {
      this.collecting.addCollector({ type, collect });
    }
  }
  return SearchModuleTest;
}

const pages = moduleCollecting('page', async function* () {
  yield document('Koa', { text: 'middleware for node' });
  yield document('inversify', { text: 'containers' });
  yield document('containers', { text: 'how things are kept apart' });
});

const find = async (backend: TestBackend, q: string, more: Record<string, string> = {}): Promise<Found> => {
  const { status, body } = await backend.request.get('/api/search/query', { query: { q, ...more } });
  expect(status).to.equal(200);
  return body as Found;
};

const titles = ({ items }: Found): string[] => items.map(({ title }) => title);

describe('plugin search', () => {
  for (const [what, words] of [
    ['words, in any case', 'KOA'],
    ['the beginning of a word', 'middlew'],
    ['a word with a typing error', 'midleware'],
  ] as const) {
    it(`finds by ${what}`, async () => {
      await using backend = await TestBackend.start({ features: [SearchPlugin, pages] });

      expect(titles(await find(backend, words))).to.deep.equal(['Koa']);
    });
  }

  it('finds first what has the words in its title, and counts the rest', async () => {
    await using backend = await TestBackend.start({ features: [SearchPlugin, pages] });

    const found = await find(backend, 'containers', { limit: '1' });

    expect(titles(found)).to.deep.equal(['containers']);
    expect(found.total).to.equal(2);
  });

  it('finds documents of one type, though others have the same id', async () => {
    const people = moduleCollecting('person', async function* () {
      yield document('Koa', { type: 'person' });
    });
    await using backend = await TestBackend.start({ features: [SearchPlugin, pages, people] });

    expect(await find(backend, 'koa')).to.have.property('total', 2);
    expect(await find(backend, 'koa', { type: 'person' })).to.have.nested.property('items[0].type', 'person');
  });

  it('collects on behalf of whoever asks, once for all who ask at the same time', async () => {
    const callers: Call['credentials'][] = [];
    const module = moduleCollecting('page', async function* (call) {
      callers.push(call.credentials);
      yield document('Koa');
    });
    await using backend = await TestBackend.start({ features: [SearchPlugin, module] });

    const headers = { authorization: mockCredentials.user.header('user:default/ada') };
    const query = { q: 'koa' };
    await Promise.all([1, 2, 3].map(() => backend.request.get('/api/search/query', { headers, query })));
    await find(backend, 'koa');

    expect(callers.map(({ principal }) => principal)).to.deep.equal([
      { type: 'user', userEntityRef: 'user:default/ada' },
    ]);
  });

  it('collects anew where that is asked for, or what there is has become too old', async () => {
    let version = 0;
    const module = moduleCollecting('page', async function* () {
      yield document(`version${++version}`);
    });
    await using lasting = await TestBackend.start({ features: [SearchPlugin, module] });
    await find(lasting, 'version');

    const headers = { authorization: mockCredentials.user.header() };
    const refreshed = await lasting.request.post('/api/search/refresh', { headers });
    const asked = await find(lasting, 'version');
    await using volatile = await TestBackend.start({
      features: [SearchPlugin, module],
      config: { search: { maxAge: 0 } },
    });
    await find(volatile, 'version');

    expect(refreshed.body).to.deep.equal({ documents: 1 });
    expect(titles(asked)).to.deep.equal(['version2']);
    expect(titles(await find(volatile, 'version'))).to.deep.equal(['version4']);
  });

  it('finds what has changed, once it was told', async () => {
    let version = 0;
    let collected: Collected | undefined;
    @Module({ pluginId: 'search', moduleId: 'changing' })
    class ChangingModule {
      constructor(private readonly collecting: SearchCollecting) {}

      init(): void {
        collected = this.collecting.addCollector({
          type: 'page',
          async *collect() {
            yield document(`version${++version}`);
          },
        });
      }
    }
    await using backend = await TestBackend.start({ features: [SearchPlugin, ChangingModule] });
    await find(backend, 'version');

    await collected!.hasChanged();

    expect(titles(await find(backend, 'version'))).to.deep.equal(['version2']);
  });

  it('lets nobody it does not know collect anew', async () => {
    await using backend = await TestBackend.start({ features: [SearchPlugin, pages] });

    const { status, body } = await backend.request.post('/api/search/refresh');

    expect(status).to.equal(401);
    expect(body).to.have.nested.property('error.code', 'missing_credentials');
  });

  it('goes on finding what it has where a source has failed, and says so in the log', async () => {
    let isDown = false;
    const module = moduleCollecting('page', async function* () {
      if (isDown) throw new Error('gone');
      yield document('Koa');
    });
    const logger = mockServices.logger();
    await using backend = await TestBackend.start({
      features: [SearchPlugin, module],
      overrides: [override(LoggerService).withValue(logger)],
      config: { search: { maxAge: 0 } },
    });
    await find(backend, 'koa');
    isDown = true;

    expect(titles(await find(backend, 'koa'))).to.deep.equal(['Koa']);
    expect(logger.messages('warn')).to.deep.equal(['What is found is out of date: it could not be collected anew']);
  });

  it('does not start where two modules collect the same type', async () => {
    @Module({ pluginId: 'search', moduleId: 'second' })
    class SecondModule {
      constructor(private readonly collecting: SearchCollecting) {}

      init(): void {
        this.collecting.addCollector({ type: 'page', collect: async function* () {} });
      }
    }

    const failure = await TestBackend.start({
      features: [SearchPlugin, pages, SecondModule],
      config: { backend: { logger: { level: 'silent' } } },
    }).catch((error: unknown) => error);

    expect(failure).to.have.property('message').that.includes("Documents of type 'page' are collected already");
  });
});
