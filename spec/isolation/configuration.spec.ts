import { expect } from 'chai';
import { z } from 'zod';
import type { BackendEvent } from '../../lib/index.js';
import { BackendStatusService, Module, Plugin, RootConfigService, configOf } from '../../lib/index.js';
import { currentAccount } from '../../lib/api/attribution.js';
import { TestBackend, mockServices, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

const shop = {
  app: { title: 'portal' },
  a: { own: 'of a' },
  b: { password: 'secret of b', url: 'http://b' },
  shared: { region: 'eu' },
  backend: { database: { password: 'secret of the backend' } },
};

@Plugin({ pluginId: 'a' })
class PluginA {
  readonly read: unknown;
  constructor(readonly config: RootConfigService) {
    this.read = config.getOptional('b.password');
  }
}

@Module({ pluginId: 'a', moduleId: 'm', config: ['shared'] })
class ModuleOfA {
  constructor(readonly config: RootConfigService) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(readonly config: RootConfigService) {}
}

const features = [PluginA, ModuleOfA, PluginB];
const a = { pluginId: 'a' };

describe('The configuration as a plugin sees it', () => {
  it('I41 lacks the keys of other plugins and of the backend', async () => {
    await using backend = await TestBackend.start({ features, config: shop });
    const view = backend.get(PluginA, a).config;

    expect([view.getOptionalString('b.password'), view.getOptional('b'), view.getOptionalConfig('b')]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(view.getOptional('backend.database')).to.equal(undefined);
    expect(view.getOptional('shared')).to.equal(undefined);
    expect(view.keys()).to.have.members(['app', 'a']);
    expect(JSON.stringify(view.get())).to.not.include('secret');
  });

  it('I41 does not lead to the whole', async () => {
    await using backend = await TestBackend.start({ features, config: shop });
    const view = backend.get(PluginA, a).config;
    const whole = backend.get(RootConfigService);

    for (const key of [...Object.getOwnPropertyNames(view), ...Object.getOwnPropertySymbols(view)]) {
      expect((view as unknown as Record<string | symbol, unknown>)[key]).to.not.equal(whole);
    }
    expect(Symbol.for('backplane.plugin-view') in view).to.equal(false);
  });

  it('I41 tells by an event, once, that a key was hidden', async () => {
    const events: BackendEvent[] = [];
    @Plugin({ pluginId: 'watcher' })
    class Watcher {
      constructor(status: BackendStatusService) {
        status.subscribe(event => event.type === 'warning' && events.push(event));
      }
    }
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(private readonly view: RootConfigService) {}
      init(): void {
        this.view.getOptional('b.password');
        this.view.getOptional('b.password');
        this.view.getOptional('nothing.there');
      }
    }
    await using _backend = await TestBackend.start({ features: [Watcher, PluginB, PluginC], config: shop });

    expect(events.map(event => 'code' in event && [event.code, event.message])).to.deep.equal([
      ['HIDDEN_CONFIG', "Plugin 'c' reads configuration key 'b.password', which is hidden from it"],
    ]);
  });

  it('I41 has what a module declares for that module only', async () => {
    await using backend = await TestBackend.start({ features, config: shop });

    expect(backend.get(ModuleOfA, { ...a, moduleId: 'm' }).config.getString('shared.region')).to.equal('eu');
    expect(backend.get(PluginA, a).config.has('shared.region')).to.equal(false);
  });

  it('I41 is refused by the plan as a section that is not declared', async () => {
    class SectionOfB extends configOf('b', z.object({ password: z.string() })) {}
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(readonly section: SectionOfB) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginB, PluginC], config: shop }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['FOREIGN_CONFIG']);
    expect(problems[0]!.message).to.include("'b'").and.include("'c'").and.not.include('secret');
  });

  it('I41 tells a plugin of changes on its own account, and no more once it has stopped', async () => {
    const told: unknown[] = [];
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(view: RootConfigService) {
        view.subscribe(() => told.push([view.getNumber('c.n'), currentAccount()?.pluginId]));
      }
    }
    const data = mockServices.rootConfig({ data: { c: { n: 1 } } });
    const overrides = [override(RootConfigService).withValue(data)];
    const backend = await TestBackend.start({ features: [PluginC], overrides });

    data.update({ c: { n: 2 } });
    await backend.stop();
    data.update({ c: { n: 3 } });

    expect(told).to.deep.equal([[2, 'c']]);
  });

  it('I41 does not tell a plugin of changes that it cannot see', async () => {
    let calls = 0;
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(view: RootConfigService) {
        view.subscribe(() => calls++);
      }
    }
    const data = mockServices.rootConfig({ data: { c: { n: 1 }, b: { n: 1 } } });
    const overrides = [override(RootConfigService).withValue(data)];
    await using _backend = await TestBackend.start({ features: [PluginC], overrides });

    data.update({ c: { n: 1 }, b: { n: 2 } });

    expect(calls).to.equal(0);
  });
});
