import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ExtensionPoint,
  Get,
  HealthCheck,
  Injectable,
  LifecycleService,
  Module,
  ModuleContext,
  Plugin,
  Service,
} from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';
import { forEver, Journal, QuietBackend } from './quiet-backend.js';

/** Fails as often as `failures` says, then starts; a journal is told of every attempt. */
function flaky(pluginId: string, failures: number, journal = new Journal()) {
  let attempts = 0;

  @Plugin({ pluginId })
  class FlakyPlugin {
    init(): void {
      journal.note(`attempt ${++attempts}`);
      if (attempts <= failures) throw new Error(`attempt ${attempts} fails`);
    }
    shutdown(): void {
      journal.note('shutdown');
    }
  }
  return FlakyPlugin;
}

const continues = { plugins: { flaky: { onPluginBootFailure: 'continue' } } };

describe('A plugin that may fail', () => {
  it('is left out of a backend that is ready all the same, and its result says why', async () => {
    await using backend = new QuietBackend([flaky('flaky', 99)], { startup: continues });

    const { outcome, plugins } = await backend.start();

    expect(outcome).to.equal('success');
    expect(plugins[0]).to.have.nested.property('failure.allowed', true);
    expect(backend.status.phase).to.equal('ready');
    expect(backend.status.plugin('flaky')).to.have.property('phase', 'failed');
    expect(backend.of('plugin-failed')[0]).to.include({ pluginId: 'flaky', allowed: true, retryIn: 1_000 });
  });

  it('is tried again, each time in containers of its own, after waits that double up to a limit', async () => {
    const journal = new Journal();
    const startup = { ...continues, retry: { initialDelay: 10, maxDelay: 30 } };
    await using backend = new QuietBackend([flaky('flaky', 4, journal)], { startup });
    await backend.start();

    await backend.event('plugin-started');

    expect(backend.of('plugin-failed').map(({ retryIn }) => retryIn)).to.deep.equal([10, 20, 30, 30]);
    expect(journal.entries).to.deep.equal(['attempt 1', 'attempt 2', 'attempt 3', 'attempt 4', 'attempt 5']);
    expect(backend.status.plugin('flaky')).to.deep.equal({ pluginId: 'flaky', phase: 'ready' });
  });

  it('is not tried again once the backend stops', async () => {
    const journal = new Journal();
    const startup = { ...continues, retry: { initialDelay: 10 } };
    const backend = new QuietBackend([flaky('flaky', 99, journal)], { startup });
    await backend.start();

    await backend.stop();
    await sleep(40);

    expect(journal.entries).to.deep.equal(['attempt 1']);
  });

  it('is given up at its deadline like any other, with the name of what it waits for', async () => {
    @Plugin({ pluginId: 'flaky' })
    class HangingPlugin {
      init = forEver;
    }
    await using backend = new QuietBackend([HangingPlugin], { startup: { ...continues, initTimeout: 30 } });

    const { plugins } = await backend.start();

    expect(String(plugins[0]?.failure?.error)).to.include(
      "Plugin 'flaky' init did not finish in 30 ms (waiting for: init() of plugin 'flaky')",
    );
  });
});

describe('A plugin that must not fail', () => {
  it('fails the start where it has no policy, or where only others have one', async () => {
    const [plain] = await startupProblems(new QuietBackend([flaky('flaky', 1)]).start());
    const [other] = await startupProblems(new QuietBackend([flaky('other', 1)], { startup: continues }).start());

    expect([plain?.code, other?.code]).to.deep.equal(['PLUGIN_INIT_FAILED', 'PLUGIN_INIT_FAILED']);
  });

  it('may say so against a default', async () => {
    const startup = {
      default: { onPluginBootFailure: 'continue' },
      plugins: { flaky: { onPluginBootFailure: 'abort' } },
    };
    const problems = await startupProblems(new QuietBackend([flaky('flaky', 1)], { startup }).start());

    expect(problems).to.have.length(1);
  });

  it('is told what it waits for when it takes too long, and it may have a time of its own', async () => {
    @Plugin({ pluginId: 'x' })
    class XPlugin {}
    @Module({ pluginId: 'x', moduleId: 'y' })
    class YModule {
      init = forEver;
    }
    const startup = { initTimeout: 1_000, plugins: { x: { initTimeout: 30 } } };
    const [problem] = await startupProblems(new QuietBackend([XPlugin, YModule], { startup }).start());

    expect(problem).to.include({
      code: 'PLUGIN_START_TIMEOUT',
      message: "Plugin 'x' init did not finish in 30 ms (waiting for: init() of module 'y' of plugin 'x')",
    });
  });
});

describe('A plugin that keeps the event loop from turning', () => {
  @Plugin({ pluginId: 'blocking' })
  class BlockingPlugin {
    async init(): Promise<void> {
      await sleep(1);
      const end = performance.now() + 500;
      while (performance.now() < end);
      await forEver();
    }
  }

  it('is the only one that took too long', async () => {
    @Plugin({ pluginId: 'patient' })
    class PatientPlugin {
      async init(): Promise<void> {
        for (let times = 0; times < 3; times++) await sleep(10);
      }
    }
    const backend = new QuietBackend([PatientPlugin, BlockingPlugin], { startup: { initTimeout: 200 } });

    const problems = await startupProblems(backend.start());

    expect(problems.map(({ code, path }) => [code, path[0]])).to.deep.equal([
      ['PLUGIN_START_TIMEOUT', "in plugin 'blocking'"],
    ]);
  });
});

describe('What a plugin waits for when it takes too long', () => {
  @Service({ id: 'acme.slow-root', scope: 'root', eager: false, create: [] })
  class SlowRoot {
    static create = forEver;
  }
  @Service({ id: 'acme.slow', scope: 'plugin', eager: true, create: [] })
  class Slow {
    static create = forEver;
  }
  @Injectable()
  class Between {
    constructor(readonly root: SlowRoot) {}
  }
  @Plugin({ pluginId: 'x' })
  class NeedsRoot {
    constructor(readonly between: Between) {}
  }
  @Plugin({ pluginId: 'x' })
  class XPlugin {}
  @Module({ pluginId: 'x', moduleId: 'y' })
  class NeedsRootToo {
    constructor(readonly root: SlowRoot) {}
  }

  const cases: [what: string, features: unknown[], named: string][] = [
    ['a lazy root service', [NeedsRoot], "service 'acme.slow-root' (class SlowRoot)"],
    ['a lazy root service of a module', [XPlugin, NeedsRootToo], "service 'acme.slow-root' (class SlowRoot)"],
    ['an eager plugin service', [XPlugin, Slow], "service 'acme.slow' (class Slow)"],
  ];
  for (const [what, features, named] of cases) {
    it(`is named where it is ${what}`, async () => {
      const [problem] = await startupProblems(new QuietBackend(features, { startup: { initTimeout: 30 } }).start());

      expect(problem).to.include({
        code: 'PLUGIN_START_TIMEOUT',
        message: `Plugin 'x' init did not finish in 30 ms (waiting for: ${named})`,
      });
      expect(problem?.path.at(-1)).to.equal(`-> ${named}`);
    });
  }
});

describe('A module', () => {
  @Plugin({ pluginId: 'host' })
  class HostPlugin {}

  @Module({ pluginId: 'host', moduleId: 'broken' })
  class BrokenModule {
    init(): never {
      throw new Error('the module is broken');
    }
    @Get('/broken', { allow: 'unauthenticated' })
    broken(): string {
      return '';
    }
  }
  const modules = { broken: { onPluginModuleBootFailure: 'continue' } };

  it('that fails fails the start, also where its plugin may fail', async () => {
    const startup = { plugins: { host: { onPluginBootFailure: 'continue' } } };

    const [problem] = await startupProblems(new QuietBackend([HostPlugin, BrokenModule], { startup }).start());

    expect(problem).to.include({
      code: 'MODULE_INIT_FAILED',
      message: "init() of module 'broken' of plugin 'host' failed",
    });
  });

  it('that may fail is left out; the others and the plugin start', async () => {
    @Module({ pluginId: 'host', moduleId: 'sound' })
    class SoundModule {}
    const startup = { plugins: { host: { modules } } };
    await using backend = new QuietBackend([HostPlugin, BrokenModule, SoundModule], { startup });

    const { plugins } = await backend.start();

    const [host] = plugins;
    expect(host).not.to.have.property('failure');
    expect(host?.modules.map(({ moduleId, failure }) => [moduleId, failure?.allowed])).to.deep.equal([
      ['broken', true],
      ['sound', undefined],
    ]);
    expect(backend.of('module-failed')).to.have.length(1);
  });

  it('runs after those it names, which come first for that; the others in the order of adding', async () => {
    const journal = new Journal();
    const module = (moduleId: string, after: string[] = []) => {
      @Module({ pluginId: 'host', moduleId, after })
      class OrderedModule {
        init(): void {
          journal.note(moduleId);
        }
      }
      return OrderedModule;
    };
    const features = [module('a', ['c', 'absent']), module('b'), module('c'), HostPlugin];
    await using backend = new QuietBackend(features);

    await backend.start();

    expect(journal.entries).to.deep.equal(['c', 'a', 'b']);
  });

  describe('that an extension point blames', () => {
    @ExtensionPoint({ pluginId: 'blaming', id: 'things' })
    abstract class Things {
      abstract add(thing: string): void;
    }
    let late: () => void = () => {};

    @ExtensionPoint({ implements: Things, perModule: true })
    class ThingList extends Things {
      constructor(private readonly module: ModuleContext) {
        super();
        late = () => this.module.fail(new Error('found out late'));
      }
      override add(thing: string): void {
        if (thing === 'bad') this.module.fail(new Error('a bad thing'));
      }
    }
    const plugin = (init: () => void) => {
      @Plugin({ pluginId: 'blaming', extensionPoints: [ThingList] })
      class BlamingPlugin {
        init = init;
      }
      return BlamingPlugin;
    };
    const module = (thing: string) => {
      @Module({ pluginId: 'blaming', moduleId: 'blamed' })
      class BlamedModule {
        constructor(private readonly things: Things) {}
        init(): void {
          this.things.add(thing);
        }
      }
      return BlamedModule;
    };
    const allowed = {
      startup: { plugins: { blaming: { modules: { blamed: { onPluginModuleBootFailure: 'continue' } } } } },
    };

    it('while it runs has failed by that', async () => {
      const [problem] = await startupProblems(new QuietBackend([plugin(() => {}), module('bad')]).start());

      expect(problem).to.include({ code: 'MODULE_FAILED' });
      expect(String(problem?.cause)).to.include('a bad thing');
    });

    it('when the plugin looks at what it was given has failed by that', async () => {
      const features = [plugin(() => late()), module('good')];

      const [problem] = await startupProblems(new QuietBackend(features).start());
      await using backend = new QuietBackend(features, allowed);
      const { plugins } = await backend.start();

      expect(problem).to.include({ code: 'MODULE_FAILED' });
      expect(plugins[0]?.modules[0]).to.have.nested.property('failure.allowed', true);
    });

    it('when the plugin looks at what it was given serves nothing, and its result says how long it took', async () => {
      @Module({ pluginId: 'blaming', moduleId: 'blamed' })
      class ServingModule {
        constructor(readonly things: Things) {}
        async init(): Promise<void> {
          await sleep(10);
        }
        @Get('/blamed', { allow: 'unauthenticated' })
        blamed(): string {
          return 'served';
        }
      }
      const start = (init: () => void) =>
        TestBackend.start({
          features: [plugin(init), ServingModule],
          config: { backend: { ...allowed, logger: { level: 'none' } } },
        });
      await using accepting = await start(() => {});
      await using refusing = await start(() => late());

      const statusOf = async (backend: TestBackend) => (await backend.request.get('/api/blaming/blamed')).status;
      expect([await statusOf(accepting), await statusOf(refusing)]).to.deep.equal([200, 404]);
      const [blamed] = refusing.result.plugins[0]!.modules;
      expect(String(blamed?.failure?.error)).to.include('found out late');
      expect(blamed?.failure?.allowed).to.equal(true);
      expect(blamed?.duration).to.be.at.least(9);
    });

    it('in a startup hook serves nothing any more: what it has added is taken out again', async () => {
      @Module({ pluginId: 'blaming', moduleId: 'blamed' })
      class ServingModule {
        constructor(readonly things: Things) {}
        @Get('/blamed', { allow: 'unauthenticated' })
        blamed(): string {
          return 'served';
        }
        @Get('/blamed/:id', { allow: 'unauthenticated' })
        blamedById(): string {
          return 'served';
        }
        @HealthCheck({ id: 'blamed' })
        check(): never {
          throw new Error('nobody asks');
        }
      }
      @Plugin({ pluginId: 'blaming', extensionPoints: [ThingList] })
      class BlamingPlugin {
        constructor(lifecycle: LifecycleService) {
          lifecycle.addStartupHook(() => late());
        }
        @Get('/own', { allow: 'unauthenticated' })
        own(): string {
          return 'served';
        }
      }
      await using backend = await TestBackend.start({
        features: [BlamingPlugin, ServingModule],
        config: { backend: { ...allowed, logger: { level: 'none' } } },
      });

      const statusOf = async (path: string) => (await backend.request.get(path)).status;
      expect(await statusOf('/api/blaming/own')).to.equal(200);
      expect(await statusOf('/api/blaming/blamed')).to.equal(404);
      expect(await statusOf('/api/blaming/blamed/7')).to.equal(404);
      expect(await statusOf('/.backplane/health/v1/readiness')).to.equal(200);
    });

    it('once the plugin has started is only told', async () => {
      await using backend = new QuietBackend([plugin(() => {}), module('good')]);
      await backend.start();

      late();

      expect(backend.of('module-failed')).to.have.length(1);
      expect(backend.of('module-failed')[0]).to.include({ moduleId: 'blamed', allowed: true });
      expect(backend.status.plugin('blaming')?.phase).to.equal('ready');
    });
  });
});
