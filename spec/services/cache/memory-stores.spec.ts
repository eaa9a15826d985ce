import { expect } from 'chai';
import { MemoryStores } from '../../../lib/services/cache/memory-stores.js';
import { RootConfigService } from '../../../lib/index.js';
import { override, TestBackend, mockServices, MockLogger, MockMetrics } from '../../../lib/testing/index.js';
import { MetricsService, RootLoggerService } from '../../../lib/index.js';
import { cacheOf, cachingPlugin, sleep } from './cache-fixture.js';

const textOf = async (store: { read(key: string): Promise<{ text: string | undefined }> }, key: string) =>
  (await store.read(key)).text;

describe('MemoryStores', () => {
  it('keep so many entries, and give up those that were used longest ago', async () => {
    const store = new MemoryStores({ maxEntries: 3, maxSize: 10_000 }).storeOf('a');
    for (const key of ['one', 'two', 'three']) await store.write(key, key, undefined);
    await store.read('one');
    await store.write('four', 'four', undefined);

    const kept = await Promise.all(['one', 'two', 'three', 'four'].map(key => textOf(store, key)));
    expect(kept).to.deep.equal(['one', undefined, 'three', 'four']);
  });

  it('keep so many bytes, of keys and values', async () => {
    const stores = new MemoryStores({ maxEntries: 1_000, maxSize: 100_000 });
    const store = stores.storeOf('a');
    for (let n = 0; n < 100; n++) await store.write(`${n}`, 'x'.repeat(5_000), undefined);
    for (let n = 0; n < 100; n++) await stores.storeOf('b').write(`${n}${'k'.repeat(5_000)}`, '1', undefined);
    let kept = 0;
    for (let n = 0; n < 100; n++) {
      kept += ((await textOf(store, `${n}`)) ?? '').length;
      if ((await textOf(stores.storeOf('b'), `${n}${'k'.repeat(5_000)}`)) !== undefined) kept += 5_000;
    }

    expect(kept).to.be.within(30_000, 50_000);
  });

  it('do not keep what is larger than all, nor what was there before it', async () => {
    const store = new MemoryStores({ maxEntries: 10, maxSize: 1_000 }).storeOf('a');
    await store.write('key', 'small', undefined);
    await store.write('other', 'small', undefined);
    await store.write('key', 'x'.repeat(1_000), undefined);

    expect([await textOf(store, 'key'), await textOf(store, 'other')]).to.deep.equal([undefined, 'small']);
  });

  it('take from whoever holds most, and give room back that is free again', async () => {
    const stores = new MemoryStores({ maxEntries: 100, maxSize: 10_000_000 });
    const [many, few] = [stores.storeOf('many'), stores.storeOf('few')];
    for (let n = 0; n < 40; n++) await few.write(`${n}`, 'few', undefined);
    for (let n = 0; n < 500; n++) await many.write(`${n}`, 'many', 20);
    const count = async (store: typeof few, of: number) =>
      (await Promise.all(Array.from({ length: of }, (_, n) => textOf(store, `${n}`)))).filter(
        text => text !== undefined,
      ).length;
    const before = await count(few, 40);
    await sleep(40);
    await count(many, 500);
    for (let n = 0; n < 100; n++) await few.write(`${n}`, 'few', undefined);

    expect([before, await count(few, 100)]).to.deep.equal([40, 100]);
  });
});

describe('backend.cache', () => {
  it('says how large a value may be: a larger one is not kept, nor what it was to replace, and that is told', async () => {
    const [logger, metrics] = [new MockLogger(), new MockMetrics()];
    await using backend = await TestBackend.start({
      features: [cachingPlugin('store')],
      overrides: [
        override(RootConfigService).withValue(mockServices.rootConfig()),
        override(RootLoggerService).withValue(logger),
        override(MetricsService).withValue(metrics),
      ],
      config: { backend: { cache: { maxValueSize: 100, defaultTtl: 60 } } },
    });
    const cache = cacheOf(backend);
    await cache.set('key', 'small');
    await cache.set('key', 'ü'.repeat(50));
    const computed = await cache.getOrSet('other', () => 'x'.repeat(200));
    await cache.set('fits', 'x'.repeat(98));

    expect(computed).to.have.length(200);
    expect(await Promise.all(['key', 'other', 'fits'].map(key => cache.get(key)))).to.deep.equal([
      undefined,
      undefined,
      'x'.repeat(98),
    ]);
    await sleep(80);
    expect(await cache.get('fits')).to.equal(undefined);
    expect(logger.messages('warn')).to.deep.equal([
      "A value is too large for the cache, and is not kept; see 'backend.cache.maxValueSize'",
    ]);
    expect(metrics.measurements.map(({ attributes }) => attributes?.['reason'])).to.deep.equal([
      'too-large',
      'too-large',
    ]);
  });
});
