import { expect } from 'chai';
import { CacheService, Get, Inject, Plugin } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';
import { cacheOf, sleep } from '../services/cache/cache-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { RedisServer } from './harness/redis-server.js';
import { until } from './harness/until.js';
import { medianOf, timed } from './harness/watched-cache.js';

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
