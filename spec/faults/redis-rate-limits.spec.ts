import { expect } from 'chai';
import type { JsonObject } from '../../lib/api/config-service.js';
import { startWith } from '../services/cache/cache-fixture.js';
import type { HttpFixture } from '../services/http/http-fixture.js';
import { askFrom, startLimited } from '../services/http/rate-limited.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { RedisPlace } from './harness/redis-place.js';
import { RedisServer } from './harness/redis-server.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

/** An instance behind a proxy of this machine, which says for whom it asks. */
function instance(store: JsonObject, rateLimit: JsonObject = {}, trust: JsonObject = {}): Promise<HttpFixture> {
  const limits = { incomingRequestLimit: 100, window: '1m', ...rateLimit, store: { type: 'redis', ...store } };
  return startLimited(limits, trust);
}

const ask = (http: HttpFixture, ip = '10.0.0.1', path?: string) => askFrom(http, ip, path);

/** As many at a time as `connections`. */
async function askMany(instances: readonly HttpFixture[], count: number, connections = 50): Promise<number[]> {
  const statuses: number[] = [];
  let next = 0;
  const one = async () => {
    for (let n = next++; n < count; n = next++) statuses.push((await ask(instances[n % instances.length]!)).status);
  };
  await Promise.all(Array.from({ length: connections }, one));
  return statuses;
}

const place = (redis: RedisPlace): JsonObject => {
  const { store: _, ...options } = redis.config;
  return options;
};

describe('Rate limits in Redis', () => {
  uses('redis');

  it('L9 let 100 of a client through in a minute, whichever of two instances it asks', async () => {
    await using redis = new RedisPlace();
    await using one = await instance(place(redis));
    await using two = await instance(place(redis));

    const statuses = await askMany([one, two], 400);
    const refused = await ask(two);
    const other = await ask(one, '10.0.0.2');

    expect(statuses.filter(status => status === 200).length).to.be.within(99, 101);
    expect(statuses.filter(status => status === 429)).to.have.length.within(299, 301);
    expect(Number(refused.headers['retry-after'])).to.be.within(1, 60);
    expect(other.headers).to.include({ 'ratelimit-remaining': '99' });
  });

  it('pass again when the time is over, also where that is less than a second', async () => {
    await using redis = new RedisPlace();
    await using http = await instance(place(redis), { incomingRequestLimit: 1, window: 500 });
    const statuses = [(await ask(http)).status, (await ask(http)).status];
    await new Promise(resolve => setTimeout(resolve, 600));

    expect([...statuses, (await ask(http)).status]).to.deep.equal([200, 429, 200]);
    expect(await redis.command('PTTL', (await redis.keys())[0]!)).to.be.within(1, 500);
  });

  it('are of a plugin besides those for all, and do not count what is not to count', async () => {
    await using redis = new RedisPlace();
    await using http = await instance(place(redis), {
      global: false,
      plugin: { catalog: { incomingRequestLimit: 2, skipFailedRequests: true } },
    });
    const failed = [];
    for (let n = 0; n < 4; n++) {
      failed.push((await ask(http, '10.0.0.1', '/api/catalog/fails')).status);
      await until('it is taken back', async () => {
        const [key] = await redis.keys();
        return key !== undefined && (await redis.command('GET', key)) === '0';
      });
    }
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await ask(http)).status);

    expect(failed).to.deep.equal([401, 401, 401, 401]);
    expect(statuses).to.deep.equal([200, 200, 429]);
    expect((await ask(http, '10.0.0.1', '/api/search/x')).status).to.equal(200);
  });
});

describe('Rate limits where something else is in Redis', () => {
  uses('redis');

  for (const [what, ...commands] of [
    ['a list', 'RPUSH KEY 1'],
    ['a text', 'SET KEY many'],
    ['more than can be counted', 'SET KEY 9223372036854775807'],
    ['the count of a window without an end', 'SET KEY 1'],
    ['the count of a longer window', 'SET KEY 1 EX 86400'],
  ] as const) {
    it(`count all the same: ${what}`, async () => {
      await using redis = new RedisPlace();
      await using http = await instance(place(redis), { incomingRequestLimit: 3 });
      const key = `${redis.namespace}:rate-limit:global:10.0.0.1`;
      for (const command of commands) await redis.command(...command.replace('KEY', key).split(' '));
      const first = await ask(http);
      const statuses = [(await ask(http)).status, (await ask(http)).status, (await ask(http)).status];

      expect(first.status).to.equal(200);
      expect(statuses.at(-1)).to.equal(429);
      expect(await redis.command('TYPE', key)).to.equal('string');
      expect(await redis.command('PTTL', key)).to.be.within(1, 60_000);
    });
  }

  it('are counted for a whole /64, however an address of it is written, and for each mapped address', async () => {
    await using redis = new RedisPlace();
    await using http = await instance(place(redis), { incomingRequestLimit: 3 });
    const network = [
      '2001:db8:0:1::1',
      '2001:0DB8:0000:0001:ffff::',
      '[2001:db8:0:1:2:3:4:5]:443',
      '2001:db8::1:0:0:0:9',
    ];
    const others = ['2001:db8:0:2::1', '::1:2:3:4', '::ffff:10.0.0.1', '::ffff:10.0.0.2', '10.0.0.3'];
    const statusesOf = async (ips: string[]) => {
      const statuses = [];
      for (const ip of ips) statuses.push((await ask(http, ip)).status);
      return statuses;
    };

    expect(await statusesOf(network)).to.deep.equal([200, 200, 200, 429]);
    expect(await statusesOf(others)).to.deep.equal(others.map(() => 200));
    expect(await statusesOf(['10.0.0.1', '10.0.0.1', '10.0.0.1'])).to.deep.equal([200, 200, 429]);
  });

  it('are not got around by what a client says of itself where no proxy is trusted', async () => {
    await using redis = new RedisPlace();
    await using http = await instance(
      place(redis),
      { incomingRequestLimit: 2, ipAllowList: [] },
      { trustProxy: false },
    );
    const statuses = [];
    for (const ip of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) {
      const headers = { 'x-forwarded-for': ip, forwarded: `for=${ip}`, 'x-real-ip': ip, 'x-client-ip': ip };
      statuses.push((await http.ask('/api/catalog/x', { headers })).status);
    }

    expect(statuses).to.deep.equal([200, 200, 429]);
  });
});

describe('Rate limits whose Redis may go', () => {
  RedisServer.isUsed();

  for (const fault of ['refuse', 'blackhole'] as const) {
    it(`are counted by each instance while Redis is away by ${fault}, and together once it is back`, async () => {
      await using server = await RedisServer.start();
      await using proxy = await FaultProxy.before(new URL(server.url));
      await using http = await instance({ connection: proxy.url }, { incomingRequestLimit: 3 });
      await until('Redis counts', async () => {
        await ask(http, '10.0.0.9');
        return (await server.command('DBSIZE')) === 1;
      });

      await proxy.set(fault);
      const begin = performance.now();
      const statuses = [];
      for (let n = 0; n < 5; n++) statuses.push((await ask(http)).status);
      const duration = performance.now() - begin;
      await proxy.set('pass');
      await until('Redis counts again', async () => {
        await ask(http, '10.0.0.8');
        return (await server.command('EXISTS', 'backplane:rate-limit:global:10.0.0.8')) === 1;
      });

      expect(statuses).to.deep.equal([200, 200, 200, 429, 429]);
      expect(duration).to.be.below(1_000);
    });
  }

  it('are not there while Redis is away, where they are said to be passed then', async () => {
    await using server = await RedisServer.start();
    await using http = await instance({ connection: server.url }, { incomingRequestLimit: 1, passOnStoreError: true });
    await server.kill();

    expect(new Set(await askMany([http], 20, 5))).to.deep.equal(new Set([200]));
  });

  it('are counted by each instance, which says so once, while Redis refuses to count', async () => {
    await using server = await RedisServer.start();
    await using http = await instance({ connection: server.url }, { incomingRequestLimit: 2 });
    await server.limit(1);
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await ask(http)).status);

    expect(statuses).to.deep.equal([200, 200, 429]);
    expect(http.logger.messages('warn')).to.deep.equal([
      `Redis does not count requests for 'backend.rateLimit'; see 'passOnStoreError' for what happens then`,
    ]);
  });

  it('share the connection of the cache', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    const rateLimit = { store: { type: 'redis', connection: proxy.url } };
    await using _ = await startWith({ cache: { store: 'redis', connection: proxy.url }, rateLimit });

    expect(proxy.connections).to.equal(1);
  });
});
