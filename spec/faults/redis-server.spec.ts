import { expect } from 'chai';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MockLogger } from '../../lib/testing/index.js';
import { cacheOf, failureOf, startWith, startWithCache } from '../services/cache/cache-fixture.js';
import { HttpFixture } from '../services/http/http-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { RedisServer } from './harness/redis-server.js';
import { until } from './harness/until.js';
import { warnings, watched } from './harness/watched-cache.js';

/** All that the log has, errors and what they hold included. */
const everythingIn = (logger: MockLogger) =>
  JSON.stringify(logger.entries, (_key, value: unknown) =>
    value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : value,
  );

/** Its cache keeps again what it is given. */
const keeps = ({ cache }: Awaited<ReturnType<typeof watched>>) =>
  until('a hit', async () => {
    await cache.set('probe', 1);
    return (await cache.get('probe')) === 1;
  });

describe('A Redis that', () => {
  RedisServer.isUsed();

  for (const [what, user, message] of [
    ['is not given a password', '', /wants a password \(NOAUTH\); add it to 'backend\.cache\.connection'/],
    ['is given a wrong password', ':wrong-but-secret@', /refuses the user or the password \(WRONGPASS\)/],
    ['does not know the user', 'bob:wrong-but-secret@', /\(WRONGPASS\); correct 'backend\.cache\.connection'/],
  ] as const) {
    it(`${what} says so, once and without the password, and everything is a miss`, async () => {
      await using server = await RedisServer.start();
      const connection = `redis://${user}127.0.0.1:${server.port}`;
      await using backend = await watched({ store: 'redis', connection });

      expect(await backend.cache.getOrSet('key', () => 1)).to.equal(1);
      expect(warnings(backend.logger)).to.have.length(1);
      expect(warnings(backend.logger)[0]).to.match(message);
      expect(everythingIn(backend.logger)).not.to.match(/wrong-but-secret|hunter2/);
    });
  }

  it('permits no more than the documentation asks for keeps, counts, and says nothing', async () => {
    await using server = await RedisServer.start();
    const commands = 'get getrange set del eval ping incr decr exists pttl pexpire'.split(' ').map(name => `+${name}`);
    await server.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~backplane:*', ...commands);
    const connection = `redis://app:secret@127.0.0.1:${server.port}`;
    const rateLimit = { store: { type: 'redis', connection }, ipAllowList: [] };
    await using backend = await watched({ store: 'redis', connection });
    await using http = await HttpFixture.start({ rateLimit });
    await keeps(backend);
    await backend.cache.delete('probe');
    await backend.cache.clear();
    await http.ask('/api/none/x');

    expect(await server.command('EXISTS', 'backplane:rate-limit:global:127.0.0.1')).to.equal(1);
    expect([...backend.logger.messages('warn'), ...http.logger.messages('warn')]).to.deep.equal([]);
  });

  it('wants another password from now on is asked with the old one, and found again with the right one', async () => {
    await using server = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    await keeps(backend);
    await server.command('ACL', 'SETUSER', 'operator', 'on', '>operator', '+@all');
    const asOperator = (...command: string[]) => server.commandAs('operator:operator', ...command);
    await asOperator('CONFIG', 'SET', 'requirepass', 'another');
    await asOperator('CLIENT', 'KILL', 'USER', 'default');
    await until('it is refused', () => warnings(backend.logger).some(text => text.includes('(WRONGPASS)')));

    expect(await backend.cache.get('probe')).to.equal(undefined);
    await asOperator('CONFIG', 'SET', 'requirepass', RedisServer.password);
    await keeps(backend);
  });

  it('becomes a read-only replica gives back nothing that was ended, and keeps again once it is none', async () => {
    await using server = await RedisServer.start();
    await using primary = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    const { cache, logger } = backend;
    await keeps(backend);
    await server.command('CONFIG', 'SET', 'masterauth', RedisServer.password);
    await server.command('REPLICAOF', '127.0.0.1', String(primary.port));
    await cache.set('probe', 2);
    const seen = [await cache.get('probe'), await cache.getOrSet('probe', () => 3), await cache.get('probe')];
    await until('it is told', () => warnings(logger).some(text => text.includes('It is a read-only replica')));
    await server.command('REPLICAOF', 'NO', 'ONE');
    await keeps(backend);

    expect(seen).to.deep.equal([undefined, 3, undefined]);
  });

  it('was replaced by its replica at the same address is given up for that', async () => {
    await using first = await RedisServer.start();
    await using second = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(first.url));
    await using backend = await watched({ store: 'redis', connection: proxy.url });
    await keeps(backend);
    proxy.leadTo(new URL(second.url));
    await first.command('REPLICAOF', '127.0.0.1', String(second.port));
    await keeps(backend);

    expect(await second.command('DBSIZE')).to.equal(2);
  });

  it('permits neither to replace nor to remove gives back nothing that was ended, to nobody who asks at once', async () => {
    await using server = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    const { cache } = backend;
    await cache.set('key', 'old');
    await server.command('ACL', 'SETUSER', 'default', '-eval', '-del');
    await cache.set('key', 'new');
    const seen = await Promise.all(Array.from({ length: 10 }, () => cache.get('key')));
    await server.command('ACL', 'SETUSER', 'default', '+eval', '+del');

    expect(new Set(seen)).to.deep.equal(new Set([undefined]));
    expect(await cache.get('key')).to.equal(undefined);
    await keeps(backend);
  });

  it('hears late what was sent on a connection that was given up does not take it for what was sent since', async () => {
    await using server = await RedisServer.start();
    await using proxy = await FaultProxy.before(new URL(server.url));
    await using backend = await watched({ store: 'redis', connection: proxy.url });
    const { cache } = backend;
    await keeps(backend);
    const speak = proxy.silence();
    await cache.set('key', 'late');
    await until('it is found by another connection', async () => {
      await cache.set('key', 'newest');
      return (await cache.get('key')) === 'newest';
    });
    speak();
    await until('the old one has ended', () => proxy.connections === 1);

    expect(await cache.get('key')).to.equal('newest');
  });

  it('is stalled, and goes on, has not kept what was replaced or deleted meanwhile', async () => {
    await using server = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    await using other = await startWithCache({ store: 'redis', connection: server.url, timeout: '10s' });
    const { cache } = backend;
    await cache.set('deleted', 'old');
    await cache.set('set', 'old');
    server.stall();
    const during = [await cache.getOrSet('set', () => 'computed'), await cache.get('deleted')];
    await cache.delete('deleted');
    await cache.set('set', 'new');
    server.goOn();
    await keeps(backend);

    expect(during).to.deep.equal(['computed', undefined]);
    const keys = ['deleted', 'set'];
    expect(await Promise.all(keys.map(key => cache.get(key)))).to.deep.equal([undefined, undefined]);
    expect(await Promise.all(keys.map(key => cacheOf(other).get(key)))).to.deep.equal([undefined, undefined]);
  });

  it('loses everything, scripts and all, or every connection, is found again', async () => {
    await using server = await RedisServer.start();
    await using backend = await watched({ store: 'redis', connection: server.url });
    const { cache } = backend;
    for (const command of ['FLUSHALL', 'SCRIPT FLUSH', 'CLIENT KILL TYPE normal']) {
      await cache.set('key', 'before');
      await server.command(...command.split(' ')).catch(() => {});
      const after = await cache.get('key');

      expect(after).to.be.oneOf(command === 'FLUSHALL' ? [undefined] : ['before', undefined]);
      await keeps(backend);
    }
  });
});

describe('What is no Redis that can be used', () => {
  RedisServer.isUsed();

  for (const [what, options] of [
    ['a node of a Redis Cluster', ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf']],
    ['a Redis Sentinel', ['sentinel.conf', '--sentinel']],
  ] as const) {
    it(`as ${what}, is refused by the start`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'redis-'));
      try {
        writeFileSync(join(folder, 'sentinel.conf'), '');
        await using server = await RedisServer.start(
          ...options.map(option => option.replace(/^(?=\w+\.conf)/, `${folder}/`)),
        );
        const connection = `redis://:${RedisServer.password}@127.0.0.1:${server.port}`;
        const failures = [
          await failureOf(startWith({ cache: { store: 'redis', connection } })),
          await failureOf(startWith({ rateLimit: { store: { type: 'redis', connection } } })),
        ].map(String);

        expect(failures[0]).to.include(`configuration key 'backend.cache.connection'`);
        expect(failures[1]).to.include(`configuration key 'backend.rateLimit.store.connection'`);
        for (const failure of failures) {
          expect(failure).to.include('[UNSUPPORTED_REDIS]').and.include(what).and.not.include(RedisServer.password);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  const answers: Readonly<Record<string, string>> = {
    'half an answer': '$100\r\nabc',
    'more answers than questions': '+PONG\r\n'.repeat(100),
    'nothing, as a value': '$-1\r\n',
    'another protocol': '220 mail.acme.test ESMTP\r\n',
  };

  for (const [what, answer] of Object.entries(answers)) {
    it(`as it answers with ${what}, is a miss, and keeps nobody from starting or stopping`, async () => {
      const server = createServer(socket => {
        socket.on('error', () => {}).on('data', () => socket.write(answer));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const backend = await watched({ store: 'redis', connection: `redis://127.0.0.1:${port}` });
      const seen = [await backend.cache.get('key'), await backend.cache.getOrSet('key', () => 'computed')];
      await backend.backend.stop();
      server.close();

      expect(seen).to.deep.equal([undefined, 'computed']);
      expect(warnings(backend.logger)).to.have.length(1);
    });
  }

  it('as a web server, or a Redis that is asked with TLS without having it, is a miss', async () => {
    const web = createHttpServer((_req, res) => res.end('hello')).listen(0, '127.0.0.1');
    await once(web, 'listening');
    await using server = await RedisServer.start();
    for (const connection of [
      `redis://127.0.0.1:${(web.address() as AddressInfo).port}`,
      server.url.replace('redis:', 'rediss:'),
    ]) {
      await using backend = await watched({ store: 'redis', connection });

      expect(await backend.cache.getOrSet('key', () => 'computed')).to.equal('computed');
      expect(warnings(backend.logger)).to.have.length(1);
    }
    web.close();
  });
});
