import { expect } from 'chai';
import { mockServices, TestBackend, TestCaches } from '../../lib/testing/index.js';
import { CacheService, Plugin } from '../../lib/index.js';

@Plugin({ pluginId: 'test' })
class CachingPlugin {
  constructor(readonly cache: CacheService) {}
}

describe('TestCaches', () => {
  it('gives an empty cache for each kind that there is, and the configuration of a backend that has it', async () => {
    await using caches = await TestCaches.create();
    const ids = caches.eachSupportedId();
    for (const id of ids) {
      const [one, two] = [await caches.init(id), await caches.init(id)];
      await one.service().set('key', id);
      const config = { backend: { cache: one.config } };
      await using backend = await TestBackend.start({ features: [CachingPlugin], config });
      const seen = await backend.get(CachingPlugin, { pluginId: 'test' }).cache.get('key');

      expect([await one.service().get('key'), await two.service().get('key')]).to.deep.equal([id, undefined]);
      expect(await one.service({ pluginId: 'other' }).get('key')).to.equal(undefined);
      if (id === 'redis') expect(seen).to.equal(id);
    }

    expect(ids).to.include('memory');
  });

  it('has only the kinds that are named', async () => {
    await using caches = await TestCaches.create({ ids: ['memory'] });

    expect(caches.eachSupportedId()).to.deep.equal(['memory']);
    expect(caches.supports('redis')).to.equal(false);
  });
});

describe('mockServices.cache()', () => {
  it('is a cache without a backend', async () => {
    const cache = mockServices.cache();
    await cache.set('key', { a: 1 }, { ttl: '1m' });

    expect(await cache.get('key')).to.deep.equal({ a: 1 });
    expect(await mockServices.cache().get('key')).to.equal(undefined);
  });
});
