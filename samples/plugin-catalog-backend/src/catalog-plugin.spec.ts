import { setTimeout as sleep } from 'node:timers/promises';
import type { Entity } from '@inventory/plugin-catalog-common';
import { CatalogProcessing, type Reading } from '@inventory/plugin-catalog-node';
import { LoggerService, Module, RootHealthService, SchedulerService } from 'backplane';
import { mockServices, override, TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { CatalogController } from './catalog-controller.js';
import { CatalogPlugin } from './catalog-plugin.js';
import { CatalogStore } from './catalog-store.js';

function component(name: string, more: Partial<Entity> = {}): Entity {
  return { kind: 'component', name, dependencies: [], source: `node_modules/${name}/package.json`, ...more };
}

/** A module that gives the catalog what `read` yields. */
function moduleReading(read: (reading: Reading) => AsyncIterable<Entity>) {
  @Module({ pluginId: 'catalog', moduleId: 'test' })
  class CatalogModuleTest {
    constructor(private readonly processing: CatalogProcessing) {}

    init(): void {
      this.processing.addProvider({ name: 'test', read });
    }
  }
  return CatalogModuleTest;
}

const moduleWithThree = moduleReading(async function* (reading) {
  yield component('koa', { version: '3.0.0', license: 'MIT' });
  yield component('koa', { version: '2.0.0', license: 'MIT' });
  yield component('@koa/router', { license: 'MIT', dependencies: [{ name: 'koa', range: '^3.0.0' }] });
  reading.report('package.json', 'is not JSON');
});

const moduleWithoutEnd = moduleReading(async function* ({ signal }) {
  yield component('koa');
  await sleep(60_000, undefined, { signal });
});

/** Resolves when all is read. */
async function refresh(backend: TestBackend): Promise<void> {
  const where = { pluginId: 'catalog' };
  let run = await backend.runTask('refresh', where);
  while (!run.endedAt) {
    await sleep(5);
    [run = run] = await backend.get(SchedulerService, where).getHistory('refresh');
  }
}

describe('plugin catalog', () => {
  describe('with a module that gives entities', () => {
    let backend: TestBackend;

    before(async () => {
      backend = await TestBackend.start({ features: [CatalogPlugin, moduleWithThree] });
      await refresh(backend);
    });

    after(() => backend.stop());

    it('answers a page of them', async () => {
      const { status, body } = await backend.request.get('/api/catalog/entities?limit=1&offset=1');

      expect(status).to.equal(200);
      expect(body).to.deep.equal({ items: [component('koa', { version: '2.0.0', license: 'MIT' })], total: 3 });
    });

    it('answers those that depend on something', async () => {
      const { body } = await backend.request.get('/api/catalog/entities', { query: { dependency: 'koa' } });

      expect(body).to.have.property('total', 1);
      expect(body).to.have.nested.property('items[0].name', '@koa/router');
    });

    it('answers the versions of one of them', async () => {
      const { body } = await backend.request.get('/api/catalog/entities/Component/koa');

      expect(body).to.have.property('versions').with.lengthOf(2);
    });

    for (const path of ['@koa/router', '@koa%2Frouter', '%40koa%2Frouter']) {
      it(`takes the name of a scoped package as ${path}`, async () => {
        const { body } = await backend.request.get(`/api/catalog/entities/component/${path}`);

        expect(body).to.have.nested.property('versions[0].name', '@koa/router');
      });
    }

    it('answers 404 for what it does not know', async () => {
      const { status, body } = await backend.request.get('/api/catalog/entities/component/nobody');

      expect(status).to.equal(404);
      expect(body).to.have.property('error').that.includes({ code: 'unknown_entity' });
    });

    it('answers 400, and why, to a query it does not understand', async () => {
      const { status, body } = await backend.request.get('/api/catalog/entities?limit=many&colour=red');

      expect(status).to.equal(400);
      expect(body).to.have.nested.property('error.code', 'invalid_request');
      expect(body)
        .to.have.nested.property('error.details')
        .that.deep.equals([
          { pointer: '/query/limit', rule: 'type' },
          { pointer: '/query/colour', rule: 'undeclared' },
        ]);
    });

    it('shows what could not be read to nobody who does not say who it is', async () => {
      const { status } = await backend.request.get('/api/catalog/problems');

      expect(status).to.equal(401);
      expect(backend.get(CatalogController, { pluginId: 'catalog' }).listProblems()).to.deep.equal({
        items: [{ provider: 'test', place: 'package.json', problem: 'is not JSON' }],
      });
    });
  });

  it('answers while it is still reading', async () => {
    await using backend = await TestBackend.start({ features: [CatalogPlugin, moduleWithoutEnd] });
    void refresh(backend);

    const stats = async () => (await backend.request.get('/api/catalog/stats')).body as { entities: number };
    while ((await stats()).entities === 0) await sleep(5);

    expect(await stats()).to.deep.equal({
      entities: 1,
      kinds: { component: 1 },
      licenses: {},
      ingestion: [{ provider: 'test', state: 'reading', read: 1, problems: 0 }],
    });
  });

  it('ends its reading when it is stopped', async () => {
    const logger = mockServices.logger();
    const backend = await TestBackend.start({
      features: [CatalogPlugin, moduleWithoutEnd],
      overrides: [override(LoggerService).withValue(logger)],
    });
    const run = refresh(backend);
    while ((await backend.get(CatalogStore, { pluginId: 'catalog' }).counts()).entities === 0) await sleep(5);

    await backend.stop();
    await run;

    expect(logger.messages('info')).to.deep.equal(['Stopped reading test after 1 entities']);
  });

  it('is ready, though not well, where a provider has failed', async () => {
    const failing = moduleReading(async function* () {
      yield component('koa');
      throw new Error('gone');
    });
    await using backend = await TestBackend.start({
      features: [CatalogPlugin, failing],
      overrides: [override(LoggerService).withValue(mockServices.logger())],
    });

    await refresh(backend);
    const health = backend.get(RootHealthService);
    const problemOf = async () => {
      const checks = (await health.getPlugins()).flatMap(plugin => plugin.checks);
      return checks.find(({ id }) => id === 'providers')?.error;
    };
    expect(await health.getReadiness()).to.have.property('status', 'ok');
    expect(await problemOf()).to.include('test');
  });

  it('runs without modules', async () => {
    await using backend = await TestBackend.start({ features: [CatalogPlugin] });

    const { body } = await backend.request.get('/api/catalog/entities');

    expect(body).to.deep.equal({ items: [], total: 0 });
  });

  it('does not start with a page size that is none', async () => {
    const failure = await TestBackend.start({
      features: [CatalogPlugin],
      config: { catalog: { pageSize: { max: 0 } } },
    }).catch((error: unknown) => error);

    expect(failure).to.have.nested.property('problems[0].code', 'INVALID_CONFIG');
  });
});
