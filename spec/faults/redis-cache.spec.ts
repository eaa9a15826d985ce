import { expect } from 'chai';
import { cacheOf, sleep, startWithCache } from '../services/cache/cache-fixture.js';
import { cachesOn } from '../services/cache/cache-suite.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { RedisPlace } from './harness/redis-place.js';
import { urlOf, uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('Redis:', () => {
  uses('redis');
  cachesOn('in Redis', async () => new RedisPlace());

  describe('caches of several backends in one Redis', () => {
    it('are one where they have one namespace', async () => {
      await using place = new RedisPlace();
      await using one = await startWithCache(place.config);
      await using two = await startWithCache({ ...place.config, store: 'valkey' });
      await cacheOf(one).set('key', 'of one');
      const seen = await cacheOf(two).get('key');
      await cacheOf(two).clear();

      expect(seen).to.equal('of one');
      expect(await cacheOf(one).get('key')).to.equal(undefined);
    });

    it('are as many as there are namespaces', async () => {
      await using place = new RedisPlace();
      await using one = await startWithCache(place.config);
      const { namespace: _, ...rest } = place.config;
      const redis = { client: { namespace: `${place.namespace}:cache` } };
      await using two = await startWithCache({ ...rest, redis }, ['store']);
      await cacheOf(one).set('key', 'of one');
      const seen = await cacheOf(two).get('key');
      await cacheOf(two).set('key', 'of two');
      await cacheOf(two).clear();

      expect(seen).to.equal(undefined);
      expect(await cacheOf(one).get('key')).to.equal('of one');
    });

    for (const [what, change, kept] of [
      ['deletes', 'delete', undefined],
      ['clears', 'clear', undefined],
      ['sets', 'set', 'newer'],
    ] as const) {
      it(`keep no result of one that was begun before another one ${what} the entry`, async () => {
        await using place = new RedisPlace();
        await using one = await startWithCache(place.config);
        await using two = await startWithCache(place.config);
        await cacheOf(two).set('something', 'else');

        const result = await cacheOf(one).getOrSet('key', async () => {
          await cacheOf(two)[change]('key', 'newer');
          return 'stale';
        });

        expect(result).to.equal('stale');
        await sleep(50);
        expect(await cacheOf(one).get('key')).to.equal(kept);
        expect(await cacheOf(one).getOrSet('key', () => 'fresh')).to.equal(kept ?? 'fresh');
        await until('it is kept', async () => (await cacheOf(two).get('key')) === (kept ?? 'fresh'));
      });
    }

    it('share one connection of each backend, which ends with it', async () => {
      await using place = new RedisPlace();
      await using proxy = await FaultProxy.before(urlOf('redis'));
      const ids = Array.from({ length: 20 }, (_, index) => `plugin-${index}`);
      const backend = await startWithCache({ ...place.config, connection: proxy.url }, ids);
      await Promise.all(ids.map(id => cacheOf(backend, id).set('key', id)));
      const during = proxy.connections;
      await backend.stop();
      await until('the connection has ended', () => proxy.connections === 0);

      expect(during).to.equal(1);
    });
  });

  describe('an entry in Redis', () => {
    it('ends by itself, with a ttl or without', async () => {
      await using place = new RedisPlace();
      await using backend = await startWithCache(place.config);
      await cacheOf(backend).set('long', 1);
      await cacheOf(backend).set('short', 1, { ttl: '1h' });
      await cacheOf(backend).delete('gone');

      const keys = (await place.keys()).filter(key => !key.endsWith(':generation'));
      const times = await Promise.all(keys.map(key => place.command('PTTL', key)));

      expect(times).to.have.length(3);
      for (const time of times) expect(time).to.be.within(1, 7 * 86_400_000);
      expect(keys.join()).not.to.match(/long|short|gone/);
    });

    for (const [what, alter] of [
      ['no JSON', (stored: string) => `${stored.slice(0, 32)}{"a":`],
      ['what would change a prototype', (stored: string) => `${stored.slice(0, 32)}{"__proto__":{"admin":true}}`],
      ['the same, with escapes', (stored: string) => `${stored.slice(0, 32)}{"\\u005f_proto__":{"admin":true}}`],
      ['too large', (stored: string) => `${stored.slice(0, 32)}"${'x'.repeat(3_000_000)}"`],
      ['nothing but other bytes', () => 'ÿüx'],
      ['another generation', () => `${'0'.repeat(32)}"foreign"`],
      ['empty', () => ''],
      ['a list', undefined],
    ] as const) {
      it(`S109 is a miss where somebody has made it ${what}, and is replaced`, async () => {
        await using place = new RedisPlace();
        await using backend = await startWithCache(place.config);
        const cache = cacheOf(backend);
        await cache.set('key', { a: 1 });
        const entry = (await place.keys()).find(key => !key.endsWith(':generation'))!;
        if (alter) {
          await place.command('SET', entry, alter((await place.command('GET', entry)) as string));
        } else {
          await place.command('DEL', entry);
          await place.command('LPUSH', entry, 'x');
        }

        expect(await cache.get('key')).to.equal(undefined);
        expect(await cache.getOrSet('key', () => 'better')).to.equal('better');
        expect(await cache.get('key')).to.equal('better');
      });
    }

    it('is not one for who has lost the generation, nor later', async () => {
      await using place = new RedisPlace();
      await using backend = await startWithCache(place.config);
      const cache = cacheOf(backend);
      await cache.set('key', 'old');
      await place.command('DEL', `${place.namespace}:cache:store:generation`);

      expect(await cache.get('key')).to.equal(undefined);
      await cache.set('other', 1);
      expect(await cache.get('key')).to.equal(undefined);
      expect(await cache.get('other')).to.equal(1);
    });
  });
});
