import { expect } from 'chai';
import {
  Injectable,
  Plugin,
  RootConfigService,
  RootHttpRouterService,
  RootLifecycleService,
  Service,
} from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';
import { Journal, QuietBackend } from '../backend/quiet-backend.js';

const data = { a: { own: 'of a' }, b: { password: 'secret of b' }, mailer: { host: 'mail' }, queue: { size: 3 } };
const a = { pluginId: 'a' };

/** The keys that it sees. */
@Service({ id: 'acme.reader', scope: 'plugin' })
class Reader {
  constructor(readonly config: RootConfigService) {}
}

@Service({ id: 'acme.mailer', scope: 'plugin', config: ['mailer'] })
class Mailer {
  constructor(readonly config: RootConfigService) {}
}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(
    readonly reader: Reader,
    readonly mailer: Mailer,
    readonly config: RootConfigService,
  ) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {}

const features = [PluginA, PluginB];

describe('A plugin service', () => {
  it('I41 reads what the plugin it is made for may read', async () => {
    await using backend = await TestBackend.start({ features, config: data });
    const { reader } = backend.get(PluginA, a);

    expect(reader.config.keys()).to.deep.equal(['a']);
    expect(reader.config.getOptional('b.password')).to.equal(undefined);
    expect(JSON.stringify(reader.config.get())).to.not.include('secret');
  });

  it('I41 shares the view of its plugin', async () => {
    await using backend = await TestBackend.start({ features, config: data });
    const { reader, config: view } = backend.get(PluginA, a);

    expect(reader.config.get()).to.deep.equal(view.get());
  });

  it('I41 reads besides what it declares, which the plugin does not', async () => {
    await using backend = await TestBackend.start({ features, config: data });
    const { mailer, reader, config: view } = backend.get(PluginA, a);

    expect(mailer.config.keys()).to.have.members(['a', 'mailer']);
    expect([view.has('mailer'), reader.config.has('mailer')]).to.deep.equal([false, false]);
  });

  it('I41 declares keys as an implementation and as a wrapper, too, and only for itself', async () => {
    const seen: Record<string, string[]> = {};
    @Service({ implements: Reader, config: ['queue'] })
    class QueueReader extends Reader {
      constructor(own: RootConfigService) {
        super(own);
        seen['implementation'] = own.keys();
      }
    }
    @Service({ wraps: Reader, config: ['mailer'] })
    class Wrapping extends Reader {
      constructor(inner: Reader, own: RootConfigService) {
        super(inner.config);
        seen['wrapper'] = own.keys();
      }
    }
    await using _backend = await TestBackend.start({ features: [...features, QueueReader, Wrapping], config: data });

    expect(seen['implementation']).to.have.members(['a', 'queue']);
    expect(seen['wrapper']).to.have.members(['a', 'mailer']);
  });

  it('I41 has private classes that see what it sees', async () => {
    @Injectable()
    class Helper {
      constructor(readonly config: RootConfigService) {}
    }
    @Service({ id: 'acme.helped', scope: 'plugin', config: ['mailer'] })
    class Helped {
      constructor(readonly helper: Helper) {}
    }
    @Plugin({ pluginId: 'a' })
    class Helping {
      constructor(readonly helped: Helped) {}
    }
    await using backend = await TestBackend.start({ features: [Helping, PluginB], config: data });

    expect(backend.get(Helping, a).helped.helper.config.keys()).to.have.members(['a', 'mailer']);
  });

  it('I41 has the keys it declares told by the plan', async () => {
    const { services } = await TestBackend.plan({ features, config: data });

    const keysOf = (wanted: string) => services.find(({ id }) => id === wanted)?.config;
    expect([keysOf('acme.mailer'), keysOf('acme.reader')]).to.deep.equal([['mailer'], []]);
  });

  it('I29 mounts its own plugin only', async () => {
    @Service({ id: 'acme.mounting', scope: 'plugin' })
    class Mounting {
      constructor(readonly router: RootHttpRouterService) {}
    }
    @Plugin({ pluginId: 'a' })
    class Host {
      constructor(readonly mounting: Mounting) {}
    }
    await using backend = await TestBackend.start({ features: [Host, PluginB] });
    const { router } = backend.get(Host, a).mounting;

    expect(() => router.unmount('b'))
      .to.throw()
      .that.includes({ code: 'FOREIGN_MOUNT' });
  });

  it('has hooks and paths that end with each life of its plugin', async () => {
    const journal = new Journal();
    let attempts = 0;
    @Service({ id: 'acme.hooking', scope: 'plugin' })
    class Hooking {
      constructor(lifecycle: RootLifecycleService, router: RootHttpRouterService) {
        lifecycle.addShutdownHook(journal.hook('root shutdown hook'));
        lifecycle.addBeforeShutdownHook(journal.hook('before-shutdown hook'));
        router.use('/hooks', ctx => void (ctx.body = 'hooked'));
      }
    }
    @Plugin({ pluginId: 'a' })
    class Retrying {
      constructor(readonly hooking: Hooking) {}
      init(): void {
        if (++attempts < 3) throw new Error(`attempt ${attempts} fails`);
      }
    }
    const startup = { default: { onPluginBootFailure: 'continue' }, retry: { initialDelay: 1, maxDelay: 1 } };
    const backend = new QuietBackend([Retrying], { startup });
    await backend.start();

    await backend.event('plugin-started');
    await backend.stop();

    expect(backend.of('plugin-failed').map(({ error }) => (error as Error).message)).to.have.length(2);
    expect(String(backend.of('plugin-failed').map(({ error }) => error))).to.not.include('ROUTE_CONFLICT');
    expect(journal.entries).to.deep.equal(['before-shutdown hook', 'root shutdown hook']);
  });
});
