import { setTimeout as sleep } from 'node:timers/promises';
import type { Entity } from '@inventory/plugin-catalog-common';
import type { EntityProvider, Reading } from '@inventory/plugin-catalog-node';
import type { DatabaseService } from 'backplane';
import { mockServices } from 'backplane/testing';
import { expect } from 'chai';
import { CatalogIngestion } from './catalog-ingestion.js';
import { CatalogStore } from './catalog-store.js';
import { catalogTables } from './catalog-tables.js';

function component(name: string): Entity {
  return { kind: 'component', name, dependencies: [], source: 'test' };
}

function provider(name: string, read: EntityProvider['read']): EntityProvider {
  return { name, read };
}

function start(database: DatabaseService, ...providers: EntityProvider[]) {
  const store = new CatalogStore(database, mockServices.events());
  const logger = mockServices.logger();
  const ingestion = new CatalogIngestion(store, logger);
  for (const one of providers) void ingestion.read(one);
  return { store, ingestion, logger };
}

async function ended(ingestion: CatalogIngestion): Promise<void> {
  while (ingestion.progress.some(({ state }) => state === 'reading')) await sleep(5);
}

describe('CatalogIngestion', () => {
  let database: ReturnType<typeof mockServices.database>;

  beforeEach(() => (database = mockServices.database({ pluginId: 'catalog', ...catalogTables })));
  afterEach(() => database[Symbol.asyncDispose]());

  it('reads every provider into the store', async () => {
    const { store, ingestion } = start(
      database,
      provider('one', async function* () {
        yield component('a');
      }),
      provider('two', async function* () {
        yield component('b');
        yield component('c');
      }),
    );

    await ended(ingestion);

    expect((await store.counts()).entities).to.equal(3);
    expect(ingestion.progress).to.deep.equal([
      { provider: 'one', state: 'done', read: 1, problems: 0 },
      { provider: 'two', state: 'done', read: 2, problems: 0 },
    ]);
  });

  it('shows what has been read so far', async () => {
    const { store, ingestion } = start(
      database,
      provider('slow', async function* ({ signal }) {
        yield component('a');
        await sleep(60_000, undefined, { signal });
      }),
    );

    while ((await store.counts()).entities === 0) await sleep(5);

    expect(ingestion.progress).to.deep.equal([{ provider: 'slow', state: 'reading', read: 1, problems: 0 }]);
    await ingestion.stop();
  });

  it('tells about every second how far it is', async () => {
    const { ingestion, logger } = start(
      database,
      provider('slow', async function* () {
        yield component('a');
        await sleep(1_010);
        yield component('b');
        yield component('c');
      }),
    );

    await ended(ingestion);

    expect(logger.messages()).to.have.lengthOf(2);
    expect(logger.messages('info')[0]).to.equal('Reading slow: 2 entities so far');
    expect(logger.messages('info')[1]).to.match(/^Read 3 entities from slow in \d+ ms$/);
  });

  it('counts and tells what a provider could not read', async () => {
    const { ingestion, logger } = start(
      database,
      provider('broken', async function* (reading) {
        reading.report('package.json', 'not JSON');
        yield component('a');
      }),
    );

    await ended(ingestion);

    expect(ingestion.progress).to.deep.equal([{ provider: 'broken', state: 'done', read: 1, problems: 1 }]);
    expect(ingestion.problems).to.deep.equal([{ provider: 'broken', place: 'package.json', problem: 'not JSON' }]);
    expect(logger.messages('warn')).to.deep.equal(['package.json: not JSON']);
    expect(logger.messages('info')[0]).to.match(/^Read 1 entities and 1 problems from broken/);
  });

  it('does not fill the log with the problems of one provider', async () => {
    const { ingestion, logger } = start(
      database,
      provider('broken', async function* (reading: Reading) {
        for (let line = 1; line <= 1_000; line++) reading.report(`catalog-info.yaml:${line}`, 'wrong');
        yield component('a');
      }),
    );

    await ended(ingestion);

    expect(ingestion.progress[0]?.problems).to.equal(1_000);
    expect(ingestion.problems).to.have.lengthOf(20);
    expect(logger.messages('warn')).to.have.lengthOf(20);
  });

  it('goes on with the others where one provider fails', async () => {
    const { store, ingestion, logger } = start(
      database,
      provider('failing', async function* () {
        yield component('a');
        throw new Error('gone');
      }),
      provider('good', async function* () {
        await sleep(10);
        yield component('b');
      }),
    );

    await ended(ingestion);

    expect(ingestion.progress.map(({ state }) => state)).to.deep.equal(['failed', 'done']);
    expect((await store.counts()).entities).to.equal(2);
    expect(logger.messages('error')).to.deep.equal(['Reading failing failed after 1 entities']);
  });

  it('stops at once, in the middle of what it reads', async () => {
    const { store, ingestion, logger } = start(
      database,
      provider('endless', async function* () {
        for (let i = 0; ; i++) {
          await sleep(1);
          yield component(`c${i}`);
        }
      }),
    );
    await sleep(20);

    const stopped = Date.now();
    await ingestion.stop();

    const { entities } = await store.counts();
    expect(Date.now() - stopped).to.be.below(200);
    expect(ingestion.progress[0]?.state).to.equal('stopped');
    expect(logger.messages('info').at(-1)).to.match(/^Stopped reading endless after \d+ entities$/);
    await sleep(20);
    expect((await store.counts()).entities).to.equal(entities);
  });
});
