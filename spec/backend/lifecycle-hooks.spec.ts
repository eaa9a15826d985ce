import { expect } from 'chai';
import { BackplaneError, LifecycleService, Plugin, RootLifecycleService, Service } from '../../lib/index.js';
import { startupProblems } from '../startup-problems.js';
import { forEver, Journal, QuietBackend } from './quiet-backend.js';

function withHooks(add: (lifecycle: LifecycleService) => void) {
  @Plugin({ pluginId: 'hooked' })
  class HookedPlugin {
    constructor(readonly lifecycle: LifecycleService) {
      add(lifecycle);
    }
  }
  return HookedPlugin;
}

describe('Hooks of a plugin', () => {
  it('run one after the other: startup hooks in order, shutdown hooks in reverse', async () => {
    const journal = new Journal();
    const slowly = (entry: string) => async () => {
      journal.note(`${entry} begins`);
      await new Promise(resolve => setTimeout(resolve, 2));
      journal.note(`${entry} ends`);
    };
    const backend = new QuietBackend([
      withHooks(lifecycle => {
        lifecycle.addStartupHook(slowly('start 1'));
        lifecycle.addStartupHook(slowly('start 2'));
        lifecycle.addShutdownHook(slowly('stop 1'));
        lifecycle.addShutdownHook(slowly('stop 2'));
      }),
    ]);

    await backend.start();
    await backend.stop();

    const names = ['start 1', 'start 2', 'stop 2', 'stop 1'];
    expect(journal.entries).to.deep.equal(names.flatMap(name => [`${name} begins`, `${name} ends`]));
  });

  it('that fail at the start fail the plugin, and the later ones do not run', async () => {
    const journal = new Journal();
    const backend = new QuietBackend([
      withHooks(lifecycle => {
        lifecycle.addStartupHook(() => Promise.reject(new Error('no')), { name: 'warm up' });
        lifecycle.addStartupHook(journal.hook('later'));
      }),
    ]);

    const [problem] = await startupProblems(backend.start());

    expect(problem).to.include({
      code: 'HOOK_FAILED',
      message: "The startup hook 'warm up' of plugin 'hooked' failed",
    });
    expect(journal.entries).to.deep.equal([]);
  });

  it('have a deadline, the standard one or their own', async () => {
    const late = (options?: { timeout: number }) =>
      withHooks(lifecycle => lifecycle.addStartupHook(forEver, { name: 'warm up', ...options }));
    const lifecycle = { hookTimeout: 20 };

    const [standard] = await startupProblems(new QuietBackend([late()], { lifecycle }).start());
    const [own] = await startupProblems(new QuietBackend([late({ timeout: 30 })], { lifecycle }).start());

    expect(standard?.message).to.equal("The startup hook 'warm up' of plugin 'hooked' did not finish in 20 ms");
    expect(own?.message).to.equal("The startup hook 'warm up' of plugin 'hooked' did not finish in 30 ms");
  });

  it('are named by their function where they have no other name', async () => {
    async function warmUp(): Promise<never> {
      throw new Error('no');
    }
    const backend = new QuietBackend([withHooks(lifecycle => lifecycle.addStartupHook(warmUp))]);

    const [problem] = await startupProblems(backend.start());

    expect(problem?.message).to.equal("The startup hook 'warmUp' of plugin 'hooked' failed");
  });

  it('cannot be added once their moment has come', async () => {
    let given: LifecycleService | undefined;
    const backend = new QuietBackend([withHooks(lifecycle => (given = lifecycle))]);
    await backend.start();

    expect(() => given!.addStartupHook(() => {}))
      .to.throw(BackplaneError)
      .with.property('code', 'HOOK_TOO_LATE');
    expect(() => given!.addShutdownHook(() => {})).not.to.throw();
    await backend.stop();
    expect(() => given!.addShutdownHook(() => {}))
      .to.throw(BackplaneError)
      .with.property('code', 'HOOK_TOO_LATE');
  });
});

describe('Hooks of the backend', () => {
  it('that run before the shutdown run at the same time, and the rest waits for all of them', async () => {
    const journal = new Journal();
    const slowly = (entry: string, delay: number) => async () => {
      journal.note(`${entry} begins`);
      await new Promise(resolve => setTimeout(resolve, delay));
      journal.note(`${entry} ends`);
    };

    @Service({ id: 'acme.server', scope: 'root' })
    class Server {
      constructor(lifecycle: RootLifecycleService) {
        lifecycle.addBeforeShutdownHook(slowly('a', 20));
        lifecycle.addBeforeShutdownHook(slowly('b', 5));
      }
    }
    const plugin = withHooks(lifecycle => lifecycle.addShutdownHook(journal.hook('plugin')));
    const backend = new QuietBackend([Server, plugin]);
    await backend.start();

    await backend.stop();

    expect(journal.entries).to.deep.equal(['a begins', 'b begins', 'b ends', 'a ends', 'plugin']);
  });
});

describe('A root startup hook of a plugin', () => {
  const retrying = {
    startup: { default: { onPluginBootFailure: 'continue' }, retry: { initialDelay: 1, maxDelay: 1 } },
  };

  it('that is started only after the moment of the hooks runs then', async () => {
    const journal = new Journal();
    let attempts = 0;
    @Plugin({ pluginId: 'late' })
    class LatePlugin {
      constructor(private readonly lifecycle: RootLifecycleService) {}
      init(): void {
        this.lifecycle.addStartupHook(journal.hook(`hook of attempt ${++attempts}`));
        if (attempts < 3) throw new Error('not yet');
      }
    }
    await using backend = new QuietBackend([LatePlugin], retrying);
    await backend.start();

    await backend.event('plugin-started');

    expect(backend.status.plugin('late')).to.have.property('phase', 'ready');
    expect(journal.entries).to.include('hook of attempt 3').and.not.include('hook of attempt 1');
    expect(String(backend.of('plugin-failed').map(({ error }) => error))).to.not.include('HOOK_TOO_LATE');
  });
});
