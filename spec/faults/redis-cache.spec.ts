import { expect } from 'chai';
import { type AddressInfo, createServer } from 'node:net';
import { once } from 'node:events';
import { cacheOf, cachesOn, failureOf, sleep, startWithCache } from '../services/cache/cache-suite.js';
import { CacheService, Get, Inject, Plugin } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { RedisPlace } from './harness/redis-place.js';
import { RedisServer } from './harness/redis-server.js';
import { urlOf, uses } from './harness/servers.js';
import { until } from './harness/until.js';
import { medianOf, timed, warnings, watched } from './harness/watched-cache.js';

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

describe('A cache whose Redis', () => {
  RedisServer.isUsed();

  it('R28 is killed misses at once, says so once and counts each; R29 hits again within 2 s', async () => {
    await using server = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    const { cache, logger, metrics } = backend;
    await cache.set('key', 1);
    expect(await cache.get('key')).to.equal(1);

    await server.kill();
    const asked = [];
    for (let n = 0; n < 50; n++)
      asked.push(await timed(() => cache.get('key')), await timed(() => cache.set('key', n)));
    const computed = await timed(() => cache.getOrSet('key', () => 'computed'));
    await sleep(1_500);
    await server.restart();
    const back = performance.now();
    await until('a hit', async () => {
      await cache.set('key', 2);
      return (await cache.get('key')) === 2;
    });
    const healed = performance.now() - back;

    expect(new Set(asked.map(({ result }) => result))).to.deep.equal(new Set([undefined]));
    expect(medianOf(asked)).to.be.below(5);
    expect(computed.result).to.equal('computed');
    expect(healed).to.be.below(2_000);
    expect(warnings(logger)).to.have.length(1);
    expect(JSON.stringify(logger.entries)).not.to.contain(RedisServer.password);
    expect(metrics.measurements.filter(({ name }) => name === 'cache_errors')).to.have.length.at.least(101);
  });

  it('is not there yet misses, and hits once it is', async () => {
    await using server = await RedisServer.start();
    await server.kill();
    const begin = performance.now();
    await using backend = await watched({ store: 'redis', connection: server.url });
    const started = performance.now() - begin;
    const early = await backend.cache.getOrSet('key', () => 1);
    await server.restart();

    expect(early).to.equal(1);
    expect(started).to.be.below(5_000);
    await until('a hit', async () => {
      await backend.cache.set('key', 2);
      return (await backend.cache.get('key')) === 2;
    });
  });

  it('is behind a black hole adds 50 ms to what is asked at the same time, and nothing to what follows', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    await using backend = await watched({ store: 'redis', connection: proxy.url });
    const { cache } = backend;
    await cache.set('key', 1);
    await proxy.set('blackhole');

    const first = await Promise.all(Array.from({ length: 100 }, () => timed(() => cache.get('key'))));
    const next = [];
    for (let n = 0; n < 100; n++) next.push(await timed(() => cache.get(`key ${n}`)));
    await sleep(2_500);
    for (let n = 0; n < 100; n++) next.push(await timed(() => cache.get(`key ${n}`)));
    await proxy.set('pass');
    const back = performance.now();
    await until('a hit', async () => (await cache.get('key')) === 1);

    expect(first.every(({ result }) => result === undefined)).to.equal(true);
    expect(medianOf(next)).to.be.below(5);
    expect(performance.now() - back).to.be.below(2_000);
    expect(warnings(backend.logger)).to.have.length(1);
  });

  it('is slow misses, and hits again once it is not', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    await using backend = await watched({ store: 'redis', connection: proxy.url });
    const { cache } = backend;
    await cache.set('key', 1);
    await proxy.set({ delay: 250 });

    const asked = [];
    for (let n = 0; n < 100; n++) {
      asked.push(await timed(() => cache.get('key')));
      await sleep(10);
    }
    await proxy.set('pass');
    const back = performance.now();
    await until('a hit', async () => (await cache.get('key')) === 1);

    expect(new Set(asked.map(({ result }) => result))).to.deep.equal(new Set([undefined]));
    expect(asked.filter(({ ms }) => ms > 20)).to.have.length.below(10);
    expect(performance.now() - back).to.be.below(2_000);
  });

  for (const fault of ['refuse', 'reset'] as const) {
    it(`is cut off by ${fault} misses at once, and hits again`, async () => {
      await using server = await RedisServer.start();
      await using proxy = await FaultProxy.before(new URL(server.url));
      await using backend = await watched({ store: 'redis', connection: proxy.url });
      await backend.cache.set('key', 1);

      await proxy.set(fault);
      const asked = await timed(() => backend.cache.get('key'));
      await sleep(1_000);
      const later = await timed(() => backend.cache.get('key'));
      await proxy.set('pass');
      const back = performance.now();
      await until('a hit', async () => (await backend.cache.get('key')) === 1);

      expect([asked.result, later.result]).to.deep.equal([undefined, undefined]);
      expect(performance.now() - back).to.be.below(2_000);
    });
  }

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

  it('is still loading is taken for one that is not there', async () => {
    const loading = createServer(socket => {
      socket.on('error', () => {});
      // One answer for each command.
      socket.on('data', bytes => {
        const commands = String(bytes).match(/^\*/gm) ?? [];
        socket.write(commands.map(() => '-LOADING Redis is loading the dataset in memory\r\n').join(''));
      });
    }).listen(0, '127.0.0.1');
    await once(loading, 'listening');
    const { port } = loading.address() as AddressInfo;
    await using backend = await watched({ store: 'redis', connection: `redis://127.0.0.1:${port}` });
    const seen = await backend.cache.get('key');
    loading.close();

    expect(seen).to.equal(undefined);
    expect(backend.logger.messages('warn')).to.have.length(1).and.deep.equal(warnings(backend.logger));
  });

  it('is behind a connection that has died without a word is found by another one', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    await using backend = await watched({ store: 'redis', connection: proxy.url });
    await backend.cache.set('key', 1);

    proxy.silence();
    const missed = await backend.cache.get('key');
    const begin = performance.now();
    await until('a hit', async () => (await backend.cache.get('key')) === 1);

    expect(missed).to.equal(undefined);
    expect(performance.now() - begin).to.be.below(4_000);
  });

  it('says nothing at all does not hold up a stop', async () => {
    // What is not read is not told of its end either.
    const silent = createServer(socket => socket.resume().on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const begin = performance.now();
    const backend = await watched({ store: 'redis', connection: `redis://127.0.0.1:${port}` });
    const seen = await backend.cache.get('key');
    await backend.backend.stop();
    silent.close();

    expect(seen).to.equal(undefined);
    expect(performance.now() - begin).to.be.below(5_000);
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

describe('Requests that use a cache whose Redis', () => {
  RedisServer.isUsed();

  @Plugin({ pluginId: 'store' })
  class AskedPlugin {
    constructor(@Inject(CacheService) private readonly cache: CacheService) {}

    /** As many operations as a page may need. */
    @Get('/page', { allow: 'unauthenticated' })
    async page(): Promise<unknown> {
      for (let part = 0; part < 5; part++) await this.cache.get(`part ${part}`);
      await this.cache.set('seen', true);
      return { found: await this.cache.getOrSet('found', () => 'computed') };
    }

    @Get('/plain', { allow: 'unauthenticated' })
    plain(): unknown {
      return { found: 'computed' };
    }

    @Get('/later', { allow: 'unauthenticated' })
    async later(): Promise<unknown> {
      await sleep(50);
      return { found: 'computed' };
    }
  }

  it('is behind a black hole are answered, at most 50 ms later than others, again and again', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    const cache = { store: 'redis', connection: proxy.url };
    await using backend = await TestBackend.start({
      features: [AskedPlugin],
      config: { backend: { cache, logger: { level: 'silent' } } },
    });
    const own = cacheOf(backend);
    const request = (path: string) => backend.request.get(`/api/store/${path}`);
    const ask = (path: string) => timed(() => request(path));
    for (let n = 0; n < 20; n++) await Promise.all([request('page'), request('plain'), request('later')]);

    // As many requests without a cache as with one, and as many that take 50 ms longer.
    const [first, control, later, plain] = [[], [], [], []] as Awaited<ReturnType<typeof ask>>[][];
    for (let round = 0; round < 20; round++) {
      await until('it is there', async () => {
        await own.set('round', round);
        return (await own.get('round')) === round;
      });
      await proxy.set('blackhole');
      first!.push(await ask('page'));
      const begin = performance.now();
      const result = await request('later');
      control!.push({ ms: performance.now() - begin, result });
      for (let n = 0; n < 10; n++) {
        later!.push(await ask('page'));
        plain!.push(await ask('plain'));
      }
      // The last time for longer than a connection that is silent is kept.
      if (round < 19) await proxy.set('pass');
    }
    await sleep(1_500);
    for (let n = 0; n < 100; n++) later!.push(await ask('page'));

    const answers = [...first!, ...later!].map(({ result }) => [result.status, result.body]);
    expect(answers).to.deep.equal(answers.map(() => [200, { found: 'computed' }]));
    expect(medianOf(first!)).to.be.within(30, medianOf(control!));
    expect(medianOf(later!) - medianOf(plain!)).to.be.below(5);
  });
});
