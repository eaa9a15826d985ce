import { expect } from 'chai';
import { type BackendStartupError, Plugin, RootLifecycleService } from '../../lib/index.js';
import { forEver, Journal, QuietBackend, rejection } from './quiet-backend.js';

/** Starts well once, and never again. */
function brittle(pluginId: string) {
  let starts = 0;

  @Plugin({ pluginId })
  class BrittlePlugin {
    init(): void {
      if (++starts > 1) throw new Error(`start ${starts} fails`);
    }
  }
  return BrittlePlugin;
}

const isolating = {
  supervision: { default: { onStrayError: 'isolate' }, intensity: { restarts: 2 } },
  startup: { retry: { initialDelay: 1, maxDelay: 1 } },
};

describe('A plugin that must not fail and fails for good after the start', () => {
  const stray: unknown[] = [];
  const note = (error: unknown) => stray.push(error);

  beforeEach(() => {
    stray.length = 0;
    process.on('unhandledRejection', note);
  });

  afterEach(() => void process.off('unhandledRejection', note));

  it('stops the backend, also where nobody hosts the process', async () => {
    const journal = new Journal();
    @Plugin({ pluginId: 'other' })
    class OtherPlugin {
      shutdown = journal.hook('shutdown');
    }
    const backend = new QuietBackend([brittle('brittle'), OtherPlugin], isolating);
    await backend.start();

    expect(backend.takeStrayError(new Error('stray'), 'brittle')).to.equal(true);
    await backend.event('backend-phase', ({ phase }) => phase === 'stopped');

    await backend.stop();
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(backend.status.phase).to.equal('stopped');
    expect(backend.of('plugin-failed').map(({ allowed }) => allowed)).to.deep.equal([true, false]);
    expect(journal.entries).to.deep.equal(['shutdown']);
    expect(stray).to.deep.equal([]);
  });

  it('stops it also where the stop does not go well, which who waits for the stop is told', async () => {
    @Plugin({ pluginId: 'other' })
    class OtherPlugin {
      shutdown(): never {
        throw new Error('it does not end');
      }
    }
    const backend = new QuietBackend([brittle('brittle'), OtherPlugin], isolating);
    await backend.start();

    backend.takeStrayError(new Error('stray'), 'brittle');
    await backend.event('backend-phase', ({ phase }) => phase === 'stopped');

    await new Promise(resolve => setTimeout(resolve, 5));
    expect(await rejection(backend.stop())).to.have.nested.property('problems[0].code', 'SHUTDOWN_FAILED');
    expect(stray).to.deep.equal([]);
  });

  it('stops nothing where it may fail', async () => {
    const startup = { ...isolating.startup, default: { onPluginBootFailure: 'continue' } };
    await using backend = new QuietBackend([brittle('brittle')], { ...isolating, startup });
    await backend.start();

    backend.takeStrayError(new Error('stray'), 'brittle');
    await backend.event('plugin-failed', () => backend.of('plugin-failed').length > 4);

    expect(backend.status.phase).to.equal('ready');
  });
});

describe('A plugin that must not fail and fails for good while the backend starts', () => {
  /** The backend itself starts for as long as the given hook runs. */
  function startingFor(hook: () => Promise<void>) {
    @Plugin({ pluginId: 'slow' })
    class SlowPlugin {
      constructor(lifecycle: RootLifecycleService) {
        lifecycle.addStartupHook(hook, { name: 'long' });
        lifecycle.addStartupHook(() => void ran.push('next hook'), { name: 'next' });
      }
    }
    const ran: string[] = [];
    const backend = new QuietBackend([brittle('brittle'), SlowPlugin], isolating);
    return { backend, ran };
  }

  it('fails the start, also where all plugins had started', async () => {
    const { backend, ran } = startingFor(async () => {
      backend.takeStrayError(new Error('stray'), 'brittle');
      await forEver();
    });

    const error = (await rejection(backend.start())) as BackendStartupError;

    expect(error.problems.map(({ code, path }) => [code, path[0]?.includes("'brittle'")])).to.deep.equal([
      ['PLUGIN_INIT_FAILED', true],
    ]);
    expect(error.result).to.have.property('outcome', 'failure');
    expect(error.result).to.have.nested.property('plugins[0].failure.allowed', false);
    expect([backend.status.phase, ...ran]).to.deep.equal(['stopped']);
  });

  it('fails the start, also where other plugins are still starting', async () => {
    @Plugin({ pluginId: 'slow' })
    class SlowPlugin {
      init = forEver;
    }
    const backend = new QuietBackend([brittle('brittle'), SlowPlugin], isolating);
    const start = rejection(backend.start());
    await backend.event('plugin-started');

    backend.takeStrayError(new Error('stray'), 'brittle');

    expect(await start).to.have.nested.property('problems[0].code', 'PLUGIN_INIT_FAILED');
    expect(backend.status.phase).to.equal('stopped');
  });
});
