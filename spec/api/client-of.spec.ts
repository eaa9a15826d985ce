import { expect } from 'chai';
import { z } from 'zod';
import { Inject, Injectable, Module, Plugin, Service, type Class } from '../../decorators/index.js';
import type { Call, CallOptions } from '../../lib/api/call.js';
import { clientOf } from '../../lib/api/client-of.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { PluginMetadataService } from '../../lib/api/metadata-services.js';
import { WireService } from '../../lib/api/wire-service.js';
import { defineApi, get, post, type OperationDefinition } from '../../lib/contract/index.js';
import { override } from '../../lib/testing/override.js';
import { TestBackend, type TestBackendOptions } from '../../lib/testing/test-backend.js';
import { planOf } from '../plan/plan-problems.js';

const catalogApi = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities/:name', { params: z.object({ name: z.string() }), response: z.string() }),
    clear: post('/clear'),
    watch: get('/events', { stream: z.number() }),
  },
});

const own = { credentials: 'own' } as const;

/** Stands for the way to other plugins: answers with who asks, and what. */
@Service({ implements: WireService })
class EchoWire extends WireService {
  readonly #pluginId: string;

  constructor(plugin: PluginMetadataService) {
    super();
    this.#pluginId = plugin.getId();
  }

  override call({ name, stream }: OperationDefinition, input: unknown, options: CallOptions): Promise<unknown> {
    const echo = `${this.#pluginId}: ${name} ${JSON.stringify(input)} ${JSON.stringify(options.credentials)}`;
    return Promise.resolve(stream ? [echo] : echo);
  }

  override fetch(): Promise<Response> {
    return Promise.reject(new Error('nobody fetches here'));
  }
}

class CatalogClient extends clientOf(catalogApi) {
  async readTwice(name: string, call: Call | typeof own): Promise<string[]> {
    return [await this.read({ params: { name } }, call), await this.read({ params: { name } }, call)];
  }
}

@Plugin({ pluginId: 'search' })
class SearchPlugin {
  readonly catalog: CatalogClient;

  constructor(catalog: CatalogClient) {
    this.catalog = catalog;
  }
}

/** What a client in the plugin `search` answers to `read`. */
async function readBy(features: readonly unknown[], options: Partial<TestBackendOptions> = {}): Promise<string> {
  await using backend = await TestBackend.start({ features: [EchoWire, SearchPlugin, ...features], ...options });
  return await backend.get(SearchPlugin, { pluginId: 'search' }).catalog.read({ params: { name: 'a' } }, own);
}

const echo = 'search: read {"params":{"name":"a"}} "own"';

describe('A class made with clientOf()', () => {
  it('is injected undecorated, and calls as the plugin that injects it', async () => {
    @Plugin({ pluginId: 'licenses' })
    class LicensesPlugin {
      readonly catalog: CatalogClient;

      constructor(catalog: CatalogClient) {
        this.catalog = catalog;
      }
    }

    await using backend = await TestBackend.start({ features: [EchoWire, SearchPlugin, LicensesPlugin] });
    const { catalog } = backend.get(SearchPlugin, { pluginId: 'search' });
    const other = backend.get(LicensesPlugin, { pluginId: 'licenses' }).catalog;

    expect(await catalog.clear({}, own)).to.equal('search: clear {} "own"');
    expect(await other.clear({}, own)).to.equal('licenses: clear {} "own"');
    expect(catalog).to.be.instanceOf(CatalogClient).and.not.equal(other);
  });

  it('is one for a plugin and its modules', async () => {
    @Module({ pluginId: 'search', moduleId: 'collector' })
    class Collector {
      readonly catalog: CatalogClient;

      constructor(catalog: CatalogClient) {
        this.catalog = catalog;
      }
    }

    await using backend = await TestBackend.start({ features: [EchoWire, SearchPlugin, Collector] });

    expect(backend.get(Collector, { pluginId: 'search', moduleId: 'collector' }).catalog).to.equal(
      backend.get(SearchPlugin, { pluginId: 'search' }).catalog,
    );
  });

  it('is the service <pluginId>.client in the plan', async () => {
    const { services } = await planOf([EchoWire, SearchPlugin]);

    expect(services.find(({ id }) => id === 'catalog.client')).to.deep.include({
      id: 'catalog.client',
      scope: 'plugin',
    });
  });

  it('may have methods of its own, and injects what those need', async () => {
    class LoggingClient extends clientOf(catalogApi) {
      readonly logger: LoggerService;

      constructor(@Inject(WireService) wire: WireService, @Inject(LoggerService) logger: LoggerService) {
        super(wire);
        this.logger = logger;
      }
    }
    @Plugin({ pluginId: 'logging' })
    class LoggingPlugin {
      readonly client: LoggingClient;

      constructor(client: LoggingClient) {
        this.client = client;
      }
    }

    await using backend = await TestBackend.start({ features: [EchoWire, SearchPlugin, LoggingPlugin] });
    const { catalog } = backend.get(SearchPlugin, { pluginId: 'search' });

    expect(await catalog.readTwice('a', own)).to.deep.equal([echo, echo]);
    expect(backend.get(LoggingPlugin, { pluginId: 'logging' }).client.logger).to.be.instanceOf(LoggerService);
  });

  it('has methods that nobody can patch, and asks nothing before it is called', () => {
    const { prototype } = Object.getPrototypeOf(CatalogClient) as typeof CatalogClient;

    expect(Object.getOwnPropertyNames(prototype)).to.deep.equal(['constructor', 'read', 'clear', 'watch']);
    expect(Object.isFrozen(prototype)).to.equal(true);
    expect(Object.getOwnPropertyNames(new CatalogClient({} as WireService))).to.deep.equal([]);
  });

  it('gives what flows to be read, and calls once somebody reads', async () => {
    let calls = 0;
    const wire = {
      call: () => {
        calls++;
        return Promise.resolve([1, 2]);
      },
    };
    const client = new CatalogClient(wire as unknown as WireService);

    const events = client.watch({}, own);
    const before = calls;
    const read: number[] = [];
    for await (const event of events) read.push(event);

    expect([before, calls, ...read]).to.deep.equal([0, 1, 1, 2]);
  });

  it('is replaced by a test, by a value, for one plugin or for all', async () => {
    const stand = { read: () => Promise.resolve('stand-in') } as unknown as CatalogClient;
    const overridden = override(CatalogClient).withValue(stand);

    expect(await readBy([], { overrides: [overridden] })).to.equal('stand-in');
    expect(await readBy([], { overrides: [overridden.for({ pluginId: 'search' })] })).to.equal('stand-in');
    const Other = pluginOf('other');
    expect(await readBy([Other], { overrides: [overridden.for({ pluginId: 'other' })] })).to.equal(echo);
  });

  it('is replaced by another implementation', async () => {
    @Service({ implements: CatalogClient })
    class CachingClient extends CatalogClient {}
    Object.defineProperty(CachingClient.prototype, 'read', { value: () => Promise.resolve('cached') });

    expect(await readBy([CachingClient])).to.equal('cached');
  });

  it('is wrapped', async () => {
    @Service({ wraps: CatalogClient })
    class LoudClient {
      readonly inner: CatalogClient;

      constructor(inner: CatalogClient) {
        this.inner = inner;
      }

      async read(...args: Parameters<CatalogClient['read']>): Promise<string> {
        return (await this.inner.read(...args)).toUpperCase();
      }
      clear(...args: Parameters<CatalogClient['clear']>): Promise<void> {
        return this.inner.clear(...args);
      }
      watch(...args: Parameters<CatalogClient['watch']>): AsyncIterable<number> {
        return this.inner.watch(...args);
      }
      readTwice(...args: Parameters<CatalogClient['readTwice']>): Promise<string[]> {
        return this.inner.readTwice(...args);
      }
    }

    expect(await readBy([LoudClient])).to.equal(echo.toUpperCase());
  });

  it('stands beside one of another package for the same api: each is a service of its own', async () => {
    class OtherClient extends clientOf(catalogApi) {
      mine(): string {
        return 'mine';
      }
    }
    @Plugin({ pluginId: 'both' })
    class BothPlugin {
      readonly one: CatalogClient;
      readonly other: OtherClient;

      constructor(one: CatalogClient, other: OtherClient) {
        this.one = one;
        this.other = other;
      }
    }
    const features = [EchoWire, BothPlugin];
    const stand = { read: () => Promise.resolve('stand-in') } as unknown as OtherClient;

    await using backend = await TestBackend.start({ features });
    const { one, other } = backend.get(BothPlugin, { pluginId: 'both' });
    await using replaced = await TestBackend.start({ features, overrides: [override(OtherClient).withValue(stand)] });
    const untouched = replaced.get(BothPlugin, { pluginId: 'both' }).one;

    expect([one.readTwice.length, other.mine()]).to.deep.equal([2, 'mine']);
    expect(one).to.be.instanceOf(CatalogClient);
    expect(await untouched.clear({}, own)).to.equal('both: clear {} "own"');
    const ids = (await planOf(features)).services.map(({ id }) => id).filter(id => id.startsWith('catalog.'));
    expect(ids).to.have.members(['catalog.client', 'catalog.client-2']);
  });

  it('is what its decorator says, where it has one', async () => {
    @Injectable()
    class PrivateClient extends clientOf(catalogApi) {}
    @Service({ id: 'acme.catalog', scope: 'plugin' })
    class NamedClient extends clientOf(catalogApi) {}
    @Plugin({ pluginId: 'both' })
    class BothPlugin {
      readonly clients: readonly { clear: CatalogClient['clear'] }[];

      constructor(one: PrivateClient, other: NamedClient) {
        this.clients = [one, other];
      }
    }

    await using backend = await TestBackend.start({ features: [EchoWire, BothPlugin] });
    const { clients } = backend.get(BothPlugin, { pluginId: 'both' });

    expect(await Promise.all(clients.map(client => client.clear({}, own)))).to.deep.equal(
      Array(2).fill('both: clear {} "own"'),
    );
  });

  it('cannot be a root service’s, which has no plugin to call as', async () => {
    @Service({ id: 'acme.cache', scope: 'root' })
    class Cache {
      readonly catalog: CatalogClient;

      constructor(catalog: CatalogClient) {
        this.catalog = catalog;
      }
    }

    const told = await planOf([EchoWire, Cache]).then(
      () => '',
      (error: Error) => error.message,
    );

    expect(told).to.include('[ROOT_NEEDS_PLUGIN_SERVICE]').and.include("'catalog.client'");
  });
});

function pluginOf(pluginId: string): Class {
  @Plugin({ pluginId })
  class OtherPlugin {
    readonly catalog: CatalogClient;

    constructor(catalog: CatalogClient) {
      this.catalog = catalog;
    }
  }
  return OtherPlugin;
}
