import { expect } from 'chai';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { sleep } from '../services/cache/cache-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { RedisServer } from './harness/redis-server.js';
import { until } from './harness/until.js';
import { medianOf, timed, warnings, watched } from './harness/watched-cache.js';

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
});
