import { expect } from 'chai';
import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import { ConfigError } from '../../../lib/errors/config-error.js';
import { readHttpSettings } from '../../../lib/services/http/http-settings.js';
import { configOf } from './http-fixture.js';

async function failureOf(backend: JsonObject): Promise<ConfigError> {
  const config = await configOf(backend);
  try {
    readHttpSettings(config);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('readHttpSettings()', () => {
  const addresses: [JsonValue, object][] = [
    [7008, { port: 7008 }],
    ['7008', { port: 7008 }],
    ['localhost:7008', { host: 'localhost', port: 7008 }],
    [':7008', { port: 7008 }],
    ['[::1]:7008', { host: '::1', port: 7008 }],
    [{ port: 7008 }, { port: 7008 }],
    [{ host: '127.0.0.1' }, { host: '127.0.0.1', port: 7007 }],
    [
      { host: '127.0.0.1', port: '7008' },
      { host: '127.0.0.1', port: 7008 },
    ],
  ];
  for (const [listen, expected] of addresses) {
    it(`listens at ${JSON.stringify(expected)} for ${JSON.stringify(listen)}`, async () => {
      const settings = readHttpSettings(await configOf({ listen }));

      expect(JSON.parse(JSON.stringify(settings.listen))).to.deep.equal({ ...expected, key: 'backend.listen' });
    });
  }

  it('listens at port 7007 where nothing is said, and nowhere for false', async () => {
    expect(readHttpSettings(await configOf({})).listen).to.deep.equal({ port: 7007, key: 'backend.listen' });
    expect(readHttpSettings(await configOf({ listen: false })).listen).to.equal(undefined);
  });

  for (const listen of [true, 'localhost', '::1:7008', '[::1]', '70080', -1, 7007.5, [], 'a b:1', 'http://x:1', '']) {
    it(`refuses backend.listen: ${JSON.stringify(listen)}`, async () => {
      const error = await failureOf({ listen });

      expect(error.code).to.equal('INVALID_CONFIG');
      expect(error.message).to.contain('backend.listen');
    });
  }

  it('names the part of backend.listen that is wrong', async () => {
    const error = await failureOf({ listen: { host: 'localhost', port: 99_999 } });

    expect(error.problem.path).to.have.lengthOf(1);
    expect(error.problem.path[0]).to.contain('backend.listen.port');
  });

  it('has defaults for every limit', async () => {
    const settings = readHttpSettings(await configOf({}));

    expect(settings.server.headersTimeout).to.equal(10_000);
    expect(settings.server).to.include({ handlerTimeout: 60_000, sendTimeout: 60_000, maxUnreadSize: 67_108_864 });
    expect(settings.waitingRoom).to.deep.equal({ timeout: 5_000, capacity: 1_000 });
    expect(settings.drainTimeout).to.equal(20_000);
    expect(settings.serverShutdownDelay).to.equal(undefined);
  });

  it('reads durations in every form', async () => {
    const server = { headersTimeout: '2s', requestTimeout: 'PT1M', keepAliveTimeout: { seconds: 3 }, timeout: 4_000 };

    const settings = readHttpSettings(await configOf({ server }));

    expect(settings.server).to.include({
      headersTimeout: 2_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 3_000,
      timeout: 4_000,
    });
  });

  it('shortens the default for the headers with the time for the whole request', async () => {
    const settings = readHttpSettings(await configOf({ server: { requestTimeout: '3s' } }));

    expect(settings.server.headersTimeout).to.equal(3_000);
  });

  const wrong: [string, JsonObject][] = [
    ['backend.server.headersTimeout', { server: { headersTimeout: '10s', requestTimeout: '5s' } }],
    ['backend.server.headersTimeout', { server: { headersTimeout: 'soon' } }],
    ['backend.server.maxHeadersCount', { server: { maxHeadersCount: -1 } }],
    ['backend.lifecycle.drainTimeout', { lifecycle: { drainTimeout: 'never' } }],
    ['backend.lifecycle.maxHeldRequests', { lifecycle: { maxHeldRequests: 1.5 } }],
    ['backend.health.headers', { health: { headers: 'x' } }],
    ['backend.health.headers.x-a', { health: { headers: { 'x-a': '' } } }],
    ['backend.health.headers.x-a', { health: { headers: { 'x-a': 'a\r\nset-cookie: b' } } }],
    ['backend.health.headers.a b', { health: { headers: { 'a b': 'c' } } }],
    ['backend.health.plugins', { health: { plugins: 'everybody' } }],
    ['backend.internalListen', { internalListen: 'nowhere' }],
    ['backend.https', { https: 'always' }],
    ['backend.csp', { csp: { 'default-src': false } }],
    ['backend.csp', { csp: { 'img-src': ['a; script-src *'] } }],
    ['backend.csp', { csp: { 'img-src': ['none'] } }],
    ['backend.referrer.policy', { referrer: { policy: 'always' } }],
    ['backend.cors', { cors: true }],
    ['backend.cors.origin', { cors: { origin: '*', credentials: true } }],
    ['backend.cors.origin', { cors: { credentials: true } }],
    ['backend.cors.origin', { cors: { origin: ['https://a.com', 'https://*'], credentials: true } }],
    ['backend.cors.origin', { cors: { origin: 'https://{a' } }],
    ['backend.cors.methods', { cors: { methods: ['GET\r\nX: y'] } }],
    ['backend.cors.maxAge', { cors: { maxAge: -1 } }],
    ['backend.cors.optionsSuccessStatus', { cors: { optionsSuccessStatus: 404 } }],
    ['backend.compression', { compression: 'sometimes' }],
    ['backend.requestLog', { requestLog: 'sometimes' }],
    ['backend.trustProxy', { trustProxy: 'everybody' }],
    ['backend.trustProxy', { trustProxy: ['10.0.0.0/33'] }],
    ['backend.trustProxy', { trustProxy: -1 }],
    ['backend.rateLimit', { rateLimit: 'much' }],
    ['backend.rateLimit.window', { rateLimit: { window: 0 } }],
    ['backend.rateLimit.incomingRequestLimit', { rateLimit: { incomingRequestLimit: 1.5 } }],
    ['backend.rateLimit.ipAllowList', { rateLimit: { ipAllowList: ['here'] } }],
    ['backend.rateLimit.plugin.a', { rateLimit: { plugin: { a: 'much' } } }],
    ['backend.rateLimit.plugin.a.window', { rateLimit: { plugin: { a: { window: 'long' } } } }],
    ['backend.rateLimit.store.type', { rateLimit: { store: { type: 'disk' } } }],
    ['backend.rateLimit.store.connection', { rateLimit: { store: { type: 'redis' } } }],
    ['backend.rateLimit.store.connection', { rateLimit: { store: { connection: 'redis://a' } } }],
    ['backend.rateLimit.store.connection', { rateLimit: { store: { type: 'redis', connection: 'http://a' } } }],
    [
      'backend.rateLimit.store.timeout',
      { rateLimit: { store: { type: 'redis', connection: 'redis://a', timeout: 0 } } },
    ],
    [
      'backend.rateLimit.store.namespace',
      { rateLimit: { store: { type: 'valkey', connection: 'redis://a', namespace: '*' } } },
    ],
  ];
  for (const [key, backend] of wrong) {
    it(`refuses ${JSON.stringify(backend)}`, async () => {
      const error = await failureOf(backend);

      expect(error.code).to.equal('INVALID_CONFIG');
      expect(error.message).to.contain(key);
    });
  }
});
