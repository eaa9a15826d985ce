import { expect } from 'chai';
import { cacheOf, failureOf, startWithCache } from '../services/cache/cache-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { RedisServer } from './harness/redis-server.js';
import { until } from './harness/until.js';
import { watched } from './harness/watched-cache.js';

describe('A cache whose Redis', () => {
  RedisServer.isUsed();

  it('was away does not give back what was deleted, replaced or cleared meanwhile', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    await using backend = await watched({ store: 'redis', connection: proxy.url });
    await using other = await startWithCache({ store: 'redis', connection: server.url });
    const { cache } = backend;
    const keys = ['deleted', 'replaced', 'kept'];
    await Promise.all(keys.map(key => cache.set(key, 'old')));

    await proxy.set('refuse');
    await until('it is away', async () => (await cache.get('kept')) === undefined);
    await cache.delete('deleted');
    await cache.set('replaced', 'new');
    await proxy.set('pass');
    await until('a hit', async () => (await cache.get('kept')) === 'old');
    const after = await Promise.all(keys.map(key => cache.get(key)));
    const elsewhere = await Promise.all(keys.map(key => cacheOf(other).get(key)));
    await proxy.set('refuse');
    await until('it is away again', async () => (await cache.get('kept')) === undefined);
    await cache.clear();
    await proxy.set('pass');
    await until('it is there again', async () => {
      await cache.set('probe', 1);
      return (await cache.get('probe')) === 1;
    });

    expect(after).to.deep.equal([undefined, undefined, 'old']);
    expect(elsewhere).to.deep.equal([undefined, undefined, 'old']);
    expect(await Promise.all(keys.map(key => cache.get(key)))).to.deep.equal([undefined, undefined, undefined]);
  });

  it('was away gives back nothing at all where more was deleted meanwhile than could be remembered', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    await using backend = await watched({ store: 'redis', connection: proxy.url, timeout: '2s' });
    const { cache } = backend;
    const keys = Array.from({ length: 2_000 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map(key => cache.set(key, 'old')));
    const before = await cache.get(keys.at(-1)!);
    await proxy.set('refuse');
    await until('it is away', async () => (await cache.get('key 0')) === undefined);
    for (const key of keys) await cache.delete(key);
    await proxy.set('pass');
    await until('a hit', async () => {
      await cache.set('new', 1);
      return (await cache.get('new')) === 1;
    });

    expect(before).to.equal('old');
    expect(new Set(await Promise.all(keys.map(key => cache.get(key))))).to.deep.equal(new Set([undefined]));
  });

  it('is full misses, also what it could not replace, and keeps again once there is room', async () => {
    await using server = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    const { cache, logger, metrics } = backend;
    await cache.withOptions({ defaultTtl: '1h' }).set('old', 1);
    await cache.set('deleted', 1);
    await server.limit(1);

    await cache.set('old', 2);
    await cache.delete('deleted');
    const computed = await cache.getOrSet('new', () => 'computed');
    const seen = await Promise.all(['old', 'deleted', 'new'].map(key => cache.get(key)));
    await server.limit(0);
    await cache.set('old', 3);

    expect([computed, ...seen]).to.deep.equal(['computed', undefined, undefined, undefined]);
    expect(await cache.get('old')).to.equal(3);
    expect(logger.messages('warn')).to.deep.equal([
      'The store of the cache answers with OOM; entries are not kept, or not found',
    ]);
    expect(metrics.measurements[0]).to.deep.equal({
      name: 'cache_errors',
      value: 1,
      attributes: { operation: 'set', reason: 'refused' },
    });
  });

  it('is full is cleared all the same', async () => {
    await using server = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    await using other = await startWithCache({ store: 'redis', connection: server.url });
    await backend.cache.set('key', 1);
    const before = await cacheOf(other).get('key');
    await server.limit(1);
    await backend.cache.clear();

    expect([before, await cacheOf(other).get('key')]).to.deep.equal([1, undefined]);
    await server.limit(0);
    expect(await backend.cache.get('key')).to.equal(undefined);
  });

  it('has what was set last when the backend stops', async () => {
    await using server = await RedisServer.start();
    const one = await watched({ store: 'redis', connection: server.url });
    const setting = one.cache.set('key', 'last');
    await one.backend.stop();
    await failureOf(setting);
    await using two = await watched({ store: 'redis', connection: server.url });

    expect(await two.cache.get('key')).to.equal('last');
    expect(await one.cache.get('key')).to.equal(undefined);
  });
});
