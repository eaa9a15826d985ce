import { expect } from 'chai';
import { type BackendStartupError, formatStartupResult, Module, Plugin, type StartupResult } from '../../lib/index.js';
import { forEver, QuietBackend, rejection } from './quiet-backend.js';

describe('The result of a start', () => {
  it('says for each plugin and module how long it took', async () => {
    @Plugin({ pluginId: 'a' })
    class APlugin {
      async init(): Promise<void> {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    }
    @Module({ pluginId: 'a', moduleId: 'm' })
    class MModule {
      async init(): Promise<void> {
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    }
    await using backend = new QuietBackend([APlugin, MModule]);

    const { beginAt, resultAt, duration, outcome, plugins } = await backend.start();

    const [{ pluginId, modules, ...a }] = plugins as [(typeof plugins)[number]];
    expect([outcome, pluginId, modules.map(({ moduleId }) => moduleId)]).to.deep.equal(['success', 'a', ['m']]);
    expect(modules[0]!.duration).to.be.within(18, a.duration);
    expect(a.duration).to.be.within(28, duration);
    expect(resultAt.getTime() - beginAt.getTime()).to.be.closeTo(duration, 5);
  });

  it('of a start that was given up says of a plugin how long it had been starting', async () => {
    @Plugin({ pluginId: 'hanging' })
    class HangingPlugin {
      init = forEver;
    }
    @Plugin({ pluginId: 'failing' })
    class FailingPlugin {
      init(): never {
        throw new Error('no');
      }
    }
    const backend = new QuietBackend([HangingPlugin, FailingPlugin]);

    const failure = (await rejection(backend.start())) as BackendStartupError;
    const result = failure.result as StartupResult;

    const { plugins } = result;
    expect(failure.problems.map(({ code }) => code)).to.deep.equal(['PLUGIN_INIT_FAILED']);
    expect(plugins.map(({ pluginId }) => pluginId)).to.deep.equal(['hanging', 'failing']);
    expect(plugins[0]!.duration).to.be.within(900, result.duration);
    expect(formatStartupResult(result)).to.match(/─ plugin 'hanging' \d+ ms still starting\n/);
  });

  it('reads as a tree', () => {
    const when = new Date(0);
    const allowed = { error: new Error('no such table\nsecond line'), allowed: true };
    const result: StartupResult = {
      beginAt: when,
      resultAt: when,
      duration: 41.6,
      outcome: 'success',
      plugins: [
        {
          pluginId: 'catalog',
          duration: 30.4,
          modules: [
            { moduleId: 'github', duration: 10 },
            { moduleId: 'ldap', duration: 2, failure: allowed },
          ],
        },
        { pluginId: 'search', duration: 5, failure: { error: 'text', allowed: false }, modules: [] },
        { pluginId: 'auth', duration: 0.4, modules: [{ moduleId: 'github', duration: 0 }] },
      ],
    };

    expect(formatStartupResult(result).split('\n')).to.deep.equal([
      'backend: success, 42 ms, 3 plugins',
      "├─ plugin 'catalog' 30 ms",
      "│  ├─ module 'github' 10 ms",
      "│  └─ module 'ldap' 2 ms failed, which is allowed: no such table",
      "├─ plugin 'search' 5 ms failed: text",
      "└─ plugin 'auth' 0 ms",
      "   └─ module 'github' 0 ms",
    ]);
  });
});
