import { expect } from 'chai';
import {
  BackendStatusService,
  ExtensionPoint,
  Get,
  HealthCheck,
  LifecycleService,
  Module,
  Plugin,
  RootConfigService,
  RootHttpRouterService,
  RootLifecycleService,
  Service,
} from '../../lib/index.js';
import { mockServices, override } from '../../lib/testing/index.js';
import { RestartableBackend } from './restartable-backend.js';

@Service({ id: 'acme.root', scope: 'root' })
class Root {}

@Service({ id: 'acme.scoped', scope: 'plugin' })
class Scoped {
  disposed = false;
  [Symbol.dispose](): void {
    this.disposed = true;
  }
}

@ExtensionPoint({ pluginId: 'a', id: 'names' })
abstract class Names {
  abstract add(name: string): void;
}

@ExtensionPoint({ implements: Names })
class NameList extends Names {
  readonly names: string[] = [];
  add(name: string): void {
    this.names.push(name);
  }
}

@Module({ pluginId: 'a', moduleId: 'm' })
class ModuleOfA {
  constructor(readonly names: Names) {}
  init(): void {
    this.names.add('m');
  }
}

const calls: string[] = [];

@Plugin({ pluginId: 'a', extensionPoints: [NameList] })
class PluginA {
  constructor(
    readonly root: Root,
    readonly scoped: Scoped,
    readonly names: NameList,
    status: BackendStatusService,
    config: RootConfigService,
    lifecycle: LifecycleService,
    rootLifecycle: RootLifecycleService,
    rootRouter: RootHttpRouterService,
  ) {
    status.subscribe(event => event.type === 'backend-phase' && calls.push('event'));
    config.subscribe(() => calls.push('config'));
    lifecycle.addShutdownHook(() => void calls.push('shutdown hook'));
    rootLifecycle.addShutdownHook(() => void calls.push('root shutdown hook'));
    rootRouter.use('/of-a', ctx => void (ctx.body = 'of a'));
  }

  @Get('/names', { allow: 'unauthenticated' })
  list(): unknown {
    return this.names.names;
  }

  @HealthCheck()
  fine(): void {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(
    readonly root: Root,
    readonly scoped: Scoped,
  ) {}
}

describe('A plugin that is isolated and started again', () => {
  const config = mockServices.rootConfig({ data: { a: { n: 1 } } });
  let backend: RestartableBackend;
  let first: PluginA;
  let bystander: PluginB;

  beforeEach(async () => {
    calls.length = 0;
    config.update({
      a: { n: 1 },
      backend: {
        supervision: { default: { onStrayError: 'isolate' } },
        startup: { retry: { initialDelay: 1 } },
        listen: false,
      },
    });
    backend = await RestartableBackend.of([PluginA, ModuleOfA, PluginB], {
      overrides: [override(RootConfigService).withValue(config)],
    });
    first = backend.instance(PluginA, 'a');
    bystander = backend.instance(PluginB, 'b');
    await backend.restart('a');
  });

  afterEach(() => backend.stop());

  it('has new instances of all that is its own, and the old ones are disposed', () => {
    const second = backend.instance(PluginA, 'a');

    expect(second).to.not.equal(first);
    expect(second.scoped).to.not.equal(first.scoped);
    expect([first.scoped.disposed, second.scoped.disposed]).to.deep.equal([true, false]);
  });

  it('finds the same root services', () => {
    expect(backend.instance(PluginA, 'a').root).to.equal(first.root);
  });

  it('has its modules run again, with its extension points open for them', async () => {
    expect((await backend.request.get('/api/a/names')).body).to.deep.equal(['m']);
  });

  it('leaves other plugins as they are', () => {
    expect(backend.instance(PluginB, 'b')).to.equal(bystander);
    expect(bystander.scoped.disposed).to.equal(false);
  });

  it('has each of its subscriptions once', () => {
    calls.length = 0;

    config.update({ a: { n: 2 } });

    expect(calls).to.deep.equal(['config']);
  });

  it('has each of its hooks, events and paths once', async () => {
    await backend.restart('a');
    calls.length = 0;

    expect((await backend.request.get('/of-a')).text).to.equal('of a');
    await backend.stop();

    expect(calls).to.deep.equal(['event', 'shutdown hook', 'root shutdown hook']);
  });
});
