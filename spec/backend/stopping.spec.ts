import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BackendStopError,
  BackplaneError,
  LifecycleService,
  Plugin,
  RootLifecycleService,
  Service,
} from '../../lib/index.js';
import { startupProblems } from '../startup-problems.js';
import { forEver, Journal, QuietBackend, rejection } from './quiet-backend.js';

function slow(journal: Journal, init: () => Promise<unknown>) {
  @Plugin({ pluginId: 'slow' })
  class SlowPlugin {
    constructor(lifecycle: LifecycleService) {
      lifecycle.addStartupHook(journal.hook('startup hook'));
      lifecycle.addShutdownHook(journal.hook('shutdown hook'));
    }
    init(): Promise<unknown> {
      journal.note('init');
      return init();
    }
    shutdown(): void {
      journal.note('shutdown');
    }
  }
  return SlowPlugin;
}

describe('Backend › stop()', () => {
  it('stops once, however often it is asked', async () => {
    const journal = new Journal();
    const backend = new QuietBackend([slow(journal, () => Promise.resolve())]);
    await backend.start();

    await Promise.all([backend.stop(), backend.stop()]);
    await backend.stop();

    expect(journal.entries.filter(entry => entry === 'shutdown hook')).to.have.length(1);
  });

  it('rejects in the same way whoever asks', async () => {
    @Plugin({ pluginId: 'clumsy' })
    class ClumsyPlugin {
      shutdown(): never {
        throw new Error('no');
      }
    }
    const backend = new QuietBackend([ClumsyPlugin]);
    await backend.start();

    const [first, second] = await Promise.all([rejection(backend.stop()), rejection(backend.stop())]);

    expect(first).to.be.instanceOf(BackendStopError);
    expect(second).to.equal(first);
  });

  it('during the start undoes what was done at once; the start rejects, and what was under way goes no further', async () => {
    const journal = new Journal();
    let go: (value?: unknown) => void = () => {};
    const backend = new QuietBackend([slow(journal, () => new Promise(resolve => (go = resolve)))]);
    const start = startupProblems(backend.start());
    await backend.event('plugin-phase', event => event.phase === 'starting');
    await sleep(5);

    const begin = performance.now();
    await backend.stop();
    const duration = performance.now() - begin;

    expect(duration).to.be.below(200);
    expect((await start).map(({ code }) => code)).to.deep.equal(['START_CANCELLED']);
    expect(journal.entries).to.deep.equal(['init', 'shutdown hook']);
    go();
    await sleep(5);
    // What the late init() has begun is ended; its startup hooks never run.
    expect(journal.entries).to.deep.equal(['init', 'shutdown hook', 'shutdown']);
  });

  it('asked for by the first of many plugins begins none of the last, and ends each it has begun', async () => {
    const journal = new Journal();
    let backend: QuietBackend | undefined;
    const features = Array.from({ length: 300 }, (_, index) => {
      @Plugin({ pluginId: `p${index}` })
      class NumberedPlugin {
        init(): void {
          journal.note(`init ${index}`);
          if (index === 0) void backend!.stop();
        }
        shutdown(): void {
          journal.note(`shutdown ${index}`);
        }
      }
      return NumberedPlugin;
    });
    backend = new QuietBackend(features);

    const problems = await startupProblems(backend.start());
    await backend.stop();
    await sleep(20);

    const of = (what: string) =>
      journal.entries.filter(entry => entry.startsWith(what)).map(entry => entry.split(' ')[1]);
    expect(problems.map(({ code }) => code)).to.deep.equal(['START_CANCELLED']);
    expect(of('init')).to.not.include('299');
    expect(of('shutdown')).to.have.members(of('init'));
  });

  it('while features are imported does not wait for them, and ends the watching once they are there', async () => {
    let load: (features: unknown) => void = () => {};
    const journal = new Journal();
    const backend = new QuietBackend([new Promise(resolve => (load = resolve))]);
    const start = startupProblems(backend.start());
    await sleep(5);

    await backend.stop();

    expect((await start).map(({ code }) => code)).to.deep.equal(['START_CANCELLED']);
    load(slow(journal, forEver));
    await sleep(20);
    expect(journal.entries).to.deep.equal([]);
  });

  it('while a root service is made does not wait for it, and disposes it once it is there', async () => {
    const journal = new Journal();
    let make: (pool: object) => void = () => {};

    @Service({ id: 'acme.pool', scope: 'root', create: [] })
    class Pool {
      static create(): Promise<Pool> {
        journal.note('asked for');
        return new Promise(resolve => (make = resolve as never));
      }
      [Symbol.dispose](): void {
        journal.note('disposed');
      }
    }
    const backend = new QuietBackend([Pool]);
    const start = startupProblems(backend.start());
    while (journal.entries.length === 0) await sleep(1);

    await backend.stop();

    expect((await start).map(({ code }) => code)).to.deep.equal(['START_CANCELLED']);
    make(new Pool());
    await sleep(5);
    expect(journal.entries).to.deep.equal(['asked for', 'disposed']);
  });

  it('called by a root startup hook is not waited for by that hook’s deadline', async () => {
    let backend: QuietBackend | undefined;

    @Service({ id: 'acme.impatient', scope: 'root' })
    class Impatient {
      constructor(lifecycle: RootLifecycleService) {
        lifecycle.addStartupHook(() => backend!.stop());
      }
    }
    backend = new QuietBackend([Impatient]);

    const problems = await startupProblems(backend.start());

    expect(problems.map(({ code }) => code)).to.deep.equal(['START_CANCELLED']);
    expect(backend.status.phase).to.equal('stopped');
  });

  it('of a backend that was never started does nothing, and then it cannot be started', async () => {
    const backend = new QuietBackend([]);

    await backend.stop();
    const error = await rejection(backend.start());

    expect(error).to.be.instanceOf(BackplaneError).with.property('code', 'BACKEND_STOPPED');
  });

  it('gives up a hook at its deadline, runs the others, and names what hung', async () => {
    const journal = new Journal();

    @Plugin({ pluginId: 'clumsy' })
    class ClumsyPlugin {
      constructor(lifecycle: LifecycleService) {
        lifecycle.addShutdownHook(journal.hook('last'));
        lifecycle.addShutdownHook(forEver, { name: 'close pool', timeout: 30 });
        lifecycle.addShutdownHook(() => Promise.reject(new Error('no')), { name: 'flush' });
      }
      shutdown = forEver;
      [Symbol.asyncDispose] = forEver;
    }
    const backend = new QuietBackend([ClumsyPlugin], { lifecycle: { hookTimeout: 40 } });
    await backend.start();

    const { problems } = (await rejection(backend.stop())) as BackendStopError;

    expect(journal.entries).to.deep.equal(['last']);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).to.deep.equal([
      "HOOK_FAILED The shutdown hook 'flush' of plugin 'clumsy' failed",
      "HOOK_TIMEOUT The shutdown hook 'close pool' of plugin 'clumsy' did not finish in 30 ms",
      "SHUTDOWN_TIMEOUT shutdown() of plugin 'clumsy' did not finish in 40 ms",
      "DISPOSE_TIMEOUT Disposing the plugin 'clumsy' did not finish in 40 ms",
    ]);
    expect(backend.of('hook-failed').map(({ hook, pluginId }) => `${hook} of ${pluginId}`)).to.deep.equal([
      'flush of clumsy',
      'close pool of clumsy',
      'shutdown() of clumsy',
      "disposal of plugin 'clumsy' of clumsy",
    ]);
  });

  it('ends when its whole time is over, with the names of all that still hang', async () => {
    const hanging = (pluginId: string) => {
      @Plugin({ pluginId })
      class HangingPlugin {
        shutdown = forEver;
      }
      return HangingPlugin;
    };
    const backend = new QuietBackend([hanging('a'), hanging('b')], { lifecycle: { shutdownTimeout: 50 } });
    await backend.start();
    const begin = performance.now();

    const { problems } = (await rejection(backend.stop())) as BackendStopError;

    expect(performance.now() - begin).to.be.within(45, 500);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).to.deep.equal([
      "STOP_TIMEOUT The backend did not stop within 50 ms (waiting for: shutdown() of plugin 'a', shutdown() of plugin 'b')",
    ]);
  });

  it('is what leaving a block with `await using` does', async () => {
    const journal = new Journal();
    {
      await using backend = new QuietBackend([slow(journal, () => Promise.resolve())]);
      await backend.start();
    }
    expect(journal.entries.slice(-2)).to.deep.equal(['shutdown hook', 'shutdown']);
  });
});

describe('Backend › start()', () => {
  it('rejects where the backend has been started before', async () => {
    await using backend = new QuietBackend([]);
    await backend.start();

    const error = await rejection(backend.start());

    expect(error).to.be.instanceOf(BackplaneError).with.property('code', 'BACKEND_STARTED');
    expect(() => backend.add(class {}))
      .to.throw(BackplaneError)
      .with.property('code', 'BACKEND_STARTED');
  });
});
