import { expect } from 'chai';
import { currentAccount } from '../../lib/api/attribution.js';
import {
  BackendStatusService,
  ExtensionPoint,
  Get,
  HealthCheck,
  LifecycleService,
  Module,
  Plugin,
  RootConfigService,
  RootHealthService,
  RootLifecycleService,
  Service,
} from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';

let accounts: Record<string, string | undefined>;

function note(what: string): void {
  accounts[what] = currentAccount()?.pluginId;
}

@Service({ id: 'acme.eager-noted', scope: 'root' })
class EagerNoted {
  constructor(status: BackendStatusService) {
    note('root service');
    setImmediate(() => note('timer of a root service'));
    accounts['subscription of a root service'] = undefined;
    status.subscribe(event => event.type === 'warning' && note('subscription of a root service'));
  }
}

@Service({ id: 'acme.lazy-noted', scope: 'root', eager: false, create: [] })
class LazyNoted {
  static async create(): Promise<LazyNoted> {
    await new Promise(resolve => setImmediate(resolve));
    note('lazy root service');
    setImmediate(() => note('timer of a lazy root service'));
    return new LazyNoted();
  }
}

@Service({ id: 'acme.plugin-noted', scope: 'plugin' })
class PluginNoted {
  constructor() {
    note('plugin service');
  }
}

@ExtensionPoint({ pluginId: 'a', id: 'point' })
abstract class Point {
  abstract use(): void;
}

@ExtensionPoint({ implements: Point })
class PointOfA extends Point {
  use(): void {
    note('extension point');
  }
}

@Module({ pluginId: 'a', moduleId: 'm' })
class ModuleOfA {
  constructor(private readonly point: Point) {
    note('module');
  }
  init(): void {
    this.point.use();
  }
}

@Plugin({ pluginId: 'a', extensionPoints: [PointOfA] })
class PluginA {
  constructor(
    status: BackendStatusService,
    lifecycle: LifecycleService,
    root: RootLifecycleService,
    readonly lazy: LazyNoted,
    readonly noted: PluginNoted,
    readonly health: RootHealthService,
    private readonly config: RootConfigService,
  ) {
    note('plugin');
    status.subscribe(() => note('subscription'));
    lifecycle.addStartupHook(() => note('startup hook'));
    lifecycle.addShutdownHook(() => note('shutdown hook'));
    root.addStartupHook(() => note('root startup hook'));
    root.addBeforeShutdownHook(() => note('root before-shutdown hook'));
    root.addShutdownHook(() => note('root shutdown hook'));
  }

  init(): void {
    note('init()');
    // Whoever is told of the warning is told of it from here.
    this.config.getOptional('b.secret');
    setImmediate(() => note('timer'));
  }

  shutdown(): void {
    note('shutdown()');
  }

  [Symbol.dispose](): void {
    note('disposal');
  }

  @Get('/noted', { allow: 'unauthenticated' })
  noteRequest(): string {
    note('request');
    return '';
  }

  @HealthCheck()
  check(): void {
    note('health check');
  }
}

@Plugin({ pluginId: 'b' })
class PluginB {}

describe('Code runs on the account of', () => {
  before(async () => {
    accounts = {};
    const backend = await TestBackend.start({
      features: [PluginA, ModuleOfA, PluginB, EagerNoted],
      config: { b: { secret: 'x' } },
    });
    await backend.request.get('/api/a/noted');
    await backend.get(PluginA, { pluginId: 'a' }).health.getPlugins();
    await new Promise(resolve => setImmediate(resolve));
    await backend.stop();
  });

  for (const what of [
    'plugin',
    'plugin service',
    'module',
    'extension point',
    'init()',
    'timer',
    'startup hook',
    'request',
    'health check',
    'subscription',
    'root startup hook',
    'root before-shutdown hook',
    'shutdown hook',
    'shutdown()',
    'disposal',
    'root shutdown hook',
  ]) {
    it(`its plugin, as ${what}, whoever runs it`, () => {
      expect(accounts).to.have.property(what, 'a');
    });
  }

  for (const what of [
    'root service',
    'timer of a root service',
    'subscription of a root service',
    'lazy root service',
    'timer of a lazy root service',
  ]) {
    it(`nobody, as ${what}, whoever causes it`, () => {
      expect(accounts).to.have.property(what, undefined);
    });
  }
});
