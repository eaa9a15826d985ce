import { expect } from 'chai';
import { configProblems } from '../../../lib/api/config-problems.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { readCacheSettings } from '../../../lib/services/cache/cache-settings.js';
import { BackendStartupError } from '../../../lib/errors/backend-startup-error.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

const configOf = (cache: JsonObject) => mockServices.rootConfig({ data: { backend: { cache } } });
const read = (cache: JsonObject) => readCacheSettings(configOf(cache));
const connection = 'redis://someone:hunter2hunter2@cache.acme.test:6380/2';

describe('backend.cache', () => {
  it('is memory, bounded, where nothing is said', () => {
    expect(read({})).to.deep.equal({
      redis: undefined,
      namespace: 'backplane',
      defaultTtl: undefined,
      maxValueSize: 2 ** 20,
      memory: { maxEntries: 100_000, maxSize: 2 ** 26 },
    });
  });

  it('takes a URL, or an object with one, and a server that is called valkey', () => {
    const { redis } = read({ store: 'redis', connection, timeout: '20ms', defaultTtl: { minutes: 1 } });
    const valkey = read({
      store: 'valkey',
      connection: { url: 'valkeys://cache.acme.test', socket: { servername: 'c' } },
    });

    const named = {
      key: 'backend.cache.connection',
      path: "in configuration key 'backend.cache.connection' (option 'config')",
    };
    expect(redis).to.deep.equal({ server: 'cache.acme.test:6380', client: { url: connection }, timeout: 20, ...named });
    expect(valkey.redis).to.deep.equal({
      ...named,
      server: 'cache.acme.test:6379',
      client: { url: 'rediss://cache.acme.test', socket: { servername: 'c' } },
      timeout: 40,
    });
  });

  it('is memory where that is said, whatever server is named for another environment', () => {
    expect(read({ store: 'memory', connection })).to.have.property('redis', undefined);
  });

  it('takes the namespace where Backstage has it, and its own before that', () => {
    const redis = { client: { namespace: 'theirs' } };

    expect(read({ redis }).namespace).to.equal('theirs');
    expect(read({ valkey: redis }).namespace).to.equal('theirs');
    expect(read({ redis, namespace: 'ours' }).namespace).to.equal('ours');
  });

  for (const [what, cache, ...messages] of [
    ['a store nobody knows', { store: 'memcache' }, `'backend.cache.store' is 'memcache'`],
    [
      'a connection that nothing says to use',
      { connection },
      `.connection' is of no effect without 'backend.cache.store'`,
    ],
    ['no connection', { store: 'redis' }, `'backend.cache.connection' is missing`],
    ['an object without a url', { store: 'redis', connection: { host: 'a' } }, `.connection' has no url`],
    ['a list', { store: 'redis', connection: [connection] }, `.connection' has no url`],
    ['another server', { store: 'redis', connection: 'postgres://a:b@c' }, `.connection' is no address of a Redis`],
    ['a host alone', { store: 'redis', connection: 'localhost:6379' }, `.connection' is no address of a Redis`],
    ['no number of a database', { store: 'redis', connection: 'redis://a/cache' }, `.connection' names a database`],
    [
      'a password that is no URL',
      { store: 'redis', connection: 'redis://:a%zz@a' },
      `.connection' has a name or a password`,
    ],
    ['no time to answer', { store: 'redis', connection, timeout: 0 }, `.timeout' is 0 ms`],
    ['a default that ends at once', { defaultTtl: 0 }, `'backend.cache.defaultTtl' is 0 ms`],
    ['a default that is no duration', { defaultTtl: 'soon' }, `'backend.cache.defaultTtl'`],
    ['a namespace with a pattern', { namespace: 'a*' }, `'backend.cache.namespace' is 'a*'`],
    [
      'no room',
      { maxEntries: 0, maxSize: -1, maxValueSize: 1.5 },
      `.maxValueSize' is 1.5`,
      `.maxEntries' is 0`,
      `.maxSize' is -1`,
    ],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const problems = configProblems(configOf(cache as unknown as JsonObject), readCacheSettings);

      expect(problems).to.have.length(messages.length);
      problems.forEach(({ message }, index) => expect(message).to.contain(messages[index]));
      expect(JSON.stringify(problems)).not.to.contain('hunter2');
    });
  }

  it('is checked by the plan, which says what was meant', async () => {
    const failure = await TestBackend.plan({ config: { backend: { cache: { store: 'reddis' } } } }).catch(
      (e: unknown) => e,
    );

    expect((failure as BackendStartupError).problems[0]!.fix).to.match(/^did you mean 'redis'\?/);
  });
});
