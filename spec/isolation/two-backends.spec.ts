import { expect } from 'chai';
import { currentAccount } from '../../lib/api/attribution.js';
import {
  Backend,
  BackendStatusService,
  Get,
  LifecycleService,
  Plugin,
  RootConfigService,
  RootInstanceMetadataService,
  RootLoggerService,
  Service,
  type BackendEvent,
} from '../../lib/index.js';
import { TestBackend, mockServices, override } from '../../lib/testing/index.js';

@Service({ id: 'acme.counter', scope: 'root' })
class Counter {
  #count = 0;
  ended = false;
  increase(): number {
    return ++this.#count;
  }
  [Symbol.dispose](): void {
    this.ended = true;
  }
}

@Plugin({ pluginId: 'a' })
class PluginA {
  shutDown = false;
  readonly events: BackendEvent[] = [];
  constructor(
    readonly counter: Counter,
    readonly config: RootConfigService,
    readonly instance: RootInstanceMetadataService,
    status: BackendStatusService,
    lifecycle: LifecycleService,
  ) {
    status.subscribe(event => this.events.push(event));
    lifecycle.addShutdownHook(() => void (this.shutDown = true));
  }

  @Get('/count', { allow: 'unauthenticated' })
  count(): unknown {
    return { count: this.counter.increase(), backend: currentAccount()?.backend === undefined ? 'none' : 'some' };
  }

  @Get('/account', { allow: 'unauthenticated' })
  account(): string {
    accounts.push(currentAccount()?.backend);
    return '';
  }
}

@Plugin({ pluginId: 'b' })
class PluginB {}

const accounts: unknown[] = [];
const a = { pluginId: 'a' };

describe('Two backends in one process', () => {
  it('I50 answer each for itself, and one lives on when the other stops', async () => {
    const first = await TestBackend.start({ features: [PluginA] });
    await using second = await TestBackend.start({ features: [PluginA] });
    await first.request.get('/api/a/count');
    await first.request.get('/api/a/count');

    await first.stop();
    const { status, body } = await second.request.get('/api/a/count');

    expect([status, (body as { count: number }).count]).to.deep.equal([200, 1]);
    expect((await second.request.get('/.backplane/health/v1/readiness')).status).to.equal(200);
    expect((await first.request.get('/api/a/count')).status).to.equal(503);
  });

  it('I50 have instances, containers and hooks of their own', async () => {
    const first = await TestBackend.start({ features: [PluginA] });
    await using second = await TestBackend.start({ features: [PluginA] });
    const [one, two] = [first.get(PluginA, a), second.get(PluginA, a)];

    await first.stop();

    expect(first.get(Counter)).to.not.equal(second.get(Counter));
    expect([first.get(Counter).ended, second.get(Counter).ended]).to.deep.equal([true, false]);
    expect([one.shutDown, two.shutDown]).to.deep.equal([true, false]);
  });

  it('I50 have a status of their own', async () => {
    const first = await TestBackend.start({ features: [PluginA] });
    await using second = await TestBackend.start({ features: [PluginA] });
    const before = second.get(PluginA, a).events.length;

    await first.stop();

    expect([first, second].map(backend => backend.get(BackendStatusService).phase)).to.deep.equal(['stopped', 'ready']);
    expect(second.get(PluginA, a).events).to.have.length(before);
  });

  it('I50 have a configuration, metadata and logs of their own', async () => {
    const loggers = [mockServices.rootLogger(), mockServices.rootLogger()];
    const start = (index: 0 | 1, features: unknown[]) =>
      TestBackend.start({
        features,
        config: { a: { n: index } },
        overrides: [override(RootLoggerService).withValue(loggers[index]!)],
      });
    await using first = await start(0, [PluginA]);
    await using second = await start(1, [PluginA, PluginB]);
    const installed = [first, second].map(backend => backend.get(PluginA, a).instance.getInstalledPlugins());

    first.get(RootLoggerService).info('only in the first');

    expect([first, second].map(backend => backend.get(PluginA, a).config.getNumber('a.n'))).to.deep.equal([0, 1]);
    expect(installed.map(plugins => plugins.map(plugin => plugin.pluginId))).to.deep.equal([['a'], ['a', 'b']]);
    expect(loggers.map(logger => logger.messages().includes('only in the first'))).to.deep.equal([true, false]);
  });

  it('I50 are told apart where errors are charged to somebody', async () => {
    await using first = await TestBackend.start({ features: [PluginA] });
    await using second = await TestBackend.start({ features: [PluginA] });
    accounts.length = 0;

    await first.request.get('/api/a/account');
    await second.request.get('/api/a/account');

    expect(accounts[0]).to.not.equal(undefined);
    expect(accounts[0]).to.not.equal(accounts[1]);
  });

  it('I50 may be started from each other: what one starts is not on the account of the other', async () => {
    const seen: unknown[] = [];
    const config = { backend: { listen: false, logger: { level: 'error' } } };
    @Plugin({ pluginId: 'same' })
    class InnerPlugin {
      constructor(readonly status: BackendStatusService) {
        seen.push(currentAccount()?.backend);
      }
    }
    const inner = new Backend({ features: [InnerPlugin], mode: 'test', config });
    @Plugin({ pluginId: 'same' })
    class OuterPlugin {
      async init(): Promise<void> {
        seen.push(currentAccount()?.backend);
        await inner.start();
      }
      async shutdown(): Promise<void> {
        await inner.stop();
      }
    }
    await using _outer = await TestBackend.start({ features: [OuterPlugin] });

    expect(seen[1]).to.equal(inner.status);
    expect(seen[0]).to.not.equal(inner.status);
  });
});
