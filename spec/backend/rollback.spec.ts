import { expect } from 'chai';
import { BackendStartupError, LifecycleService, Plugin, RootLifecycleService, Service } from '../../lib/index.js';
import { forEver, Journal, QuietBackend, rejection } from './quiet-backend.js';
import { startupProblems } from '../startup-problems.js';

function failing(pluginId: string, error: unknown, delay = 0) {
  @Plugin({ pluginId })
  class FailingPlugin {
    async init(): Promise<never> {
      await new Promise(resolve => setTimeout(resolve, delay));
      throw error;
    }
  }
  return FailingPlugin;
}

function sound(journal: Journal) {
  @Plugin({ pluginId: 'sound' })
  class SoundPlugin {
    constructor(lifecycle: LifecycleService) {
      lifecycle.addStartupHook(journal.hook('startup hook'));
      lifecycle.addShutdownHook(journal.hook('shutdown hook'));
    }
    shutdown(): void {
      journal.note('shutdown');
    }
  }
  return SoundPlugin;
}

describe('A start that fails', () => {
  it('stops what had started, in reverse, without the hooks of a backend that is ready', async () => {
    const journal = new Journal();

    @Service({ id: 'acme.pool', scope: 'root' })
    class Pool {
      constructor(lifecycle: RootLifecycleService) {
        lifecycle.addStartupHook(journal.hook('root startup hook'));
        lifecycle.addShutdownHook(journal.hook('root shutdown hook'));
      }
      [Symbol.dispose](): void {
        journal.note('pool disposed');
      }
    }
    const backend = new QuietBackend([sound(journal), failing('bad', new Error('no')), Pool]);

    const problems = await startupProblems(backend.start());

    expect(problems.map(({ code }) => code)).to.deep.equal(['PLUGIN_INIT_FAILED']);
    expect(journal.entries).to.deep.equal([
      'startup hook',
      'shutdown hook',
      'shutdown',
      'root shutdown hook',
      'pool disposed',
    ]);
    expect(backend.status.phase).to.equal('stopped');
  });

  it('lists every plugin that failed, in the order in which they were added', async () => {
    const backend = new QuietBackend([failing('slow', new Error('second'), 30), failing('fast', new Error('first'))]);

    const problems = await startupProblems(backend.start());

    expect(problems.map(({ message }) => message)).to.deep.equal([
      "init() of plugin 'slow' failed",
      "init() of plugin 'fast' failed",
    ]);
  });

  it('gives plugins that are still starting one more second, and names them in its result', async () => {
    @Plugin({ pluginId: 'hanging' })
    class HangingPlugin {
      init = forEver;
    }
    const backend = new QuietBackend([failing('bad', new Error('no')), HangingPlugin]);
    const begin = performance.now();

    const error = await rejection(backend.start());

    expect(performance.now() - begin).to.be.within(950, 1_900);
    const { result } = error as BackendStartupError<{
      plugins: { pluginId: string; failure?: { allowed: boolean } }[];
    }>;
    expect(result?.plugins.map(({ pluginId, failure }) => `${pluginId} ${failure?.allowed}`)).to.deep.equal([
      'bad false',
      'hanging true',
    ]);
  });

  it('says as well what did not end well when it was undone', async () => {
    @Plugin({ pluginId: 'clumsy' })
    class ClumsyPlugin {
      shutdown(): never {
        throw new Error('the pool is gone');
      }
    }
    const backend = new QuietBackend([failing('bad', new Error('no'), 20), ClumsyPlugin]);

    const problems = await startupProblems(backend.start());

    expect(problems.map(({ code }) => code)).to.deep.equal(['PLUGIN_INIT_FAILED', 'SHUTDOWN_FAILED']);
  });

  it('keeps what was thrown as the cause, whatever it is', async () => {
    const thrown = new Error('the table is missing', { cause: new Error('the disk is offline') });

    const [problem] = await startupProblems(new QuietBackend([failing('bad', thrown)]).start());
    const [odd] = await startupProblems(new QuietBackend([failing('bad', undefined)]).start());

    expect(problem?.cause).to.equal(thrown);
    expect(odd?.code).to.equal('PLUGIN_INIT_FAILED');
  });

  it('has no result where the plan already has problems', async () => {
    const error = await rejection(new QuietBackend(['nothing that could be added']).start());

    expect(error).to.be.instanceOf(BackendStartupError).with.property('result', undefined);
  });

  it('is over as well where a root service is not made in time', async () => {
    @Service({ id: 'acme.pool', scope: 'root', create: [] })
    class Pool {
      static create = (): Promise<Pool> => forEver();
    }
    const backend = new QuietBackend([Pool], { startup: { initTimeout: 50 } });

    const [problem] = await startupProblems(backend.start());

    expect(problem).to.include({
      code: 'ROOT_SERVICE_TIMEOUT',
      message: "Root service 'acme.pool' was not there after 50 ms",
    });
  });

  it('is over as well where a root startup hook fails', async () => {
    const journal = new Journal();

    @Service({ id: 'acme.pool', scope: 'root' })
    class Pool {
      constructor(lifecycle: RootLifecycleService) {
        lifecycle.addStartupHook(
          () => {
            throw new Error('no');
          },
          { name: 'warm up' },
        );
        lifecycle.addStartupHook(journal.hook('later startup hook'));
        lifecycle.addShutdownHook(journal.hook('root shutdown hook'));
      }
    }
    const backend = new QuietBackend([Pool]);

    const [problem] = await startupProblems(backend.start());

    expect(problem).to.include({
      code: 'HOOK_FAILED',
      message: "The startup hook 'warm up' of the backend failed",
    });
    expect(journal.entries).to.deep.equal(['root shutdown hook']);
  });
});
