import { expect } from 'chai';
import { Get, Inject, Plugin } from '../../../decorators/index.js';
import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import { RootConfigService } from '../../../lib/api/config-service.js';
import { DiscoveryService } from '../../../lib/api/discovery-service.js';
import { RootHttpRouterService } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { mockServices, override } from '../../../lib/testing/index.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { own, rejection } from '../../wire/client/wire-fixture.js';

@Plugin({ pluginId: 'catalog' })
class CatalogPlugin {}

async function discover(endpoints: JsonValue, backend: JsonObject = {}) {
  const running = await TestBackend.start({
    features: [CatalogPlugin],
    config: {
      backend: { listen: { host: '127.0.0.1', port: 0 }, baseUrl: 'https://portal.example/', ...backend },
      discovery: { endpoints },
    },
  });
  const discovery = running.get(DiscoveryService);
  return { discovery, running, [Symbol.asyncDispose]: () => running.stop() };
}

describe('Discovery', () => {
  it('finds a plugin of this backend where that listens, and from outside at its base URL', async () => {
    await using found = await discover([]);

    expect(await found.discovery.getBaseUrl('catalog')).to.match(/^http:\/\/127\.0\.0\.1:\d+\/api\/catalog$/);
    expect(await found.discovery.getExternalBaseUrl('catalog')).to.equal('https://portal.example/api/catalog');
    expect(found.discovery.isLocal('catalog')).to.equal(true);
  });

  it('finds a plugin of this backend at the listener for internal endpoints, where there is one', async () => {
    const internalListen = { host: '127.0.0.1', port: 0 };
    await using found = await discover([], { internalListen });
    await using inner = await discover([], { internalListen, listen: false });

    const url = await found.discovery.getBaseUrl('catalog');
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/api\/catalog$/);
    expect(url.startsWith(`${found.running.get(RootHttpRouterService).url}/`)).to.equal(false);
    expect(url.startsWith(`${found.running.get(RootHttpRouterService).internalUrl}/`)).to.equal(true);
    expect(await inner.discovery.getBaseUrl('catalog')).to.match(/^http:\/\/127\.0\.0\.1:\d+\/api\/catalog$/);
  });

  it('lets plugins call each other where keys are published to other backends alone', async () => {
    @Plugin({ pluginId: 'asking' })
    class AskingPlugin {
      constructor(@Inject(WireService) readonly wire: WireService) {}
    }
    @Plugin({ pluginId: 'asked' })
    class AskedPlugin {
      @Get('/', { allow: ['service'] })
      answer(): string {
        return 'come in';
      }
    }
    await using backend = await TestBackend.start({
      features: [AskingPlugin, AskedPlugin],
      config: {
        backend: { listen: '127.0.0.1:0', internalListen: '127.0.0.1:0' },
        discovery: { inMemory: false },
      },
    });

    const { wire } = backend.get(AskingPlugin, { pluginId: 'asking' });
    const response = await wire.fetch('plugin://asked/', { call: own });

    expect([response.status, await response.text()]).to.deep.equal([200, 'come in']);
  });

  for (const https of ['off', 'false', false]) {
    it(`finds a plugin by http where https is ${JSON.stringify(https)}`, async () => {
      await using found = await discover([], { https });

      expect(await found.discovery.getBaseUrl('catalog')).to.match(/^http:/);
    });
  }

  it('finds others where configuration says, with their ids filled in', async () => {
    await using found = await discover([
      { target: 'http://{{pluginId}}.internal/api/{{ pluginId }}/', plugins: ['search', 'scaffolder'] },
    ]);

    expect(await found.discovery.getBaseUrl('search')).to.equal('http://search.internal/api/search');
    expect(await found.discovery.getExternalBaseUrl('search')).to.equal('http://search.internal/api/search');
    expect(await found.discovery.getBaseUrl('scaffolder')).to.equal('http://scaffolder.internal/api/scaffolder');
    expect(found.discovery.isLocal('search')).to.equal(false);
  });

  it('takes the later of two endpoints, for each direction by itself', async () => {
    await using found = await discover([
      { target: { internal: 'http://a/in', external: 'http://a/out' }, plugins: ['search'] },
      { target: { internal: 'http://b/in' }, plugins: ['search'] },
    ]);

    expect(await found.discovery.getBaseUrl('search')).to.equal('http://b/in');
    expect(await found.discovery.getExternalBaseUrl('search')).to.equal('http://a/out');
  });

  it('falls back to the base URL for a direction that is not said', async () => {
    await using found = await discover([{ target: { internal: 'http://a' }, plugins: ['search'] }]);

    expect(await found.discovery.getExternalBaseUrl('search')).to.equal('https://portal.example/api/search');
  });

  it('takes the endpoint of * for whoever is not named', async () => {
    await using found = await discover([
      { target: 'http://search', plugins: ['search'] },
      { target: 'http://all/{{pluginId}}', plugins: ['*'] },
    ]);

    expect(await found.discovery.getBaseUrl('search')).to.equal('http://search');
    expect(await found.discovery.getBaseUrl('other')).to.equal('http://all/other');
  });

  it('calls a plugin of this backend in memory although an endpoint names it, unless that is switched off', async () => {
    const endpoints = [{ target: 'http://elsewhere/api/catalog', plugins: ['catalog'] }];
    await using found = await discover(endpoints);
    await using apart = await TestBackend.start({
      features: [CatalogPlugin],
      config: { discovery: { endpoints, inMemory: false } },
    });

    expect(found.discovery.isLocal('catalog')).to.equal(true);
    expect(apart.get(DiscoveryService).isLocal('catalog')).to.equal(false);
  });

  it('does not find whom nobody names, and says which key would', async () => {
    await using found = await discover([{ target: 'http://search', plugins: ['search'] }]);

    for (const ask of ['getBaseUrl', 'getExternalBaseUrl'] as const) {
      const error = await rejection(found.discovery[ask]('serch'));
      expect(error).to.have.property('code', 'UNKNOWN_ADDRESS');
      expect((error as Error).message).to.match(/'serch'.*'discovery.endpoints'[^]*did you mean 'search'\?/);
    }
  });

  it('follows the configuration, and keeps what it had where that is broken', async () => {
    const config = mockServices.rootConfig({ data: { discovery: { endpoints: endpointsAt('http://one') } } });
    await using backend = await TestBackend.start({
      features: [CatalogPlugin],
      overrides: [override(RootConfigService).withValue(config)],
    });
    const discovery = backend.get(DiscoveryService);

    expect(await discovery.getBaseUrl('search')).to.equal('http://one');
    config.update({ discovery: { endpoints: endpointsAt('http://two') } });
    expect(await discovery.getBaseUrl('search')).to.equal('http://two');
    config.update({ discovery: { endpoints: endpointsAt('no address') } });
    expect(await discovery.getBaseUrl('search')).to.equal('http://two');
  });

  for (const [what, endpoint] of [
    ['is not the URL of a web server', { target: 'ftp://search', plugins: ['search'] }],
    ['is not the URL of a web server', { target: 'search', plugins: ['search'] }],
    ['has credentials in it', { target: 'http://a:b@search', plugins: ['search'] }],
    ['has a query or a fragment', { target: 'http://search?a=1', plugins: ['search'] }],
    [`has a placeholder other than '{{pluginId}}'`, { target: 'http://search/{{id}}', plugins: ['search'] }],
    ['is not an address', { plugins: ['search'] }],
    ['is not an address', { target: {}, plugins: ['search'] }],
    [`has 'intern', which is not known`, { target: { intern: 'http://a' }, plugins: ['search'] }],
    ['is not a URL', { target: { internal: 5 }, plugins: ['search'] }],
    ['names no plugin', { target: 'http://search' }],
    ['names no plugin', { target: 'http://search', plugins: [] }],
    ['has a port, which SRV records say', { target: { internal: 'http+srv://search:80' }, plugins: ['search'] }],
    [
      'names SRV records, which are only looked up for internal addresses',
      { target: { external: 'http+srv://search' }, plugins: ['search'] },
    ],
  ] as [string, JsonObject][]) {
    it(`has the plan say that ${JSON.stringify(endpoint)} ${what}`, async () => {
      const error = await rejection(
        TestBackend.plan({ features: [], config: { discovery: { endpoints: [endpoint] } } }),
      );

      expect((error as Error).message)
        .to.include('[INVALID_CONFIG]')
        .and.include(what);
    });
  }

  it('has the plan say every endpoint that is wrong, and a base URL that is none', async () => {
    const endpoints = [
      { target: 'one', plugins: ['a'] },
      { target: 'two', plugins: ['b'] },
    ];
    const error = await rejection(
      TestBackend.plan({ features: [], config: { backend: { baseUrl: 'portal' }, discovery: { endpoints } } }),
    );

    expect((error as Error).message).to.match(/backend\.baseUrl[^]*endpoints\[0\]\.target[^]*endpoints\[1\]\.target/);
  });
});

function endpointsAt(target: string): JsonValue {
  return [{ target, plugins: ['search'] }];
}
