import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { LifecycleService, Plugin } from '../../lib/index.js';
import { forEver, Journal, QuietBackend } from './quiet-backend.js';

function plugin(journal: Journal, init: () => unknown = () => {}) {
  @Plugin({ pluginId: 'stray' })
  class StrayPlugin {
    constructor(lifecycle: LifecycleService) {
      lifecycle.addShutdownHook(journal.hook('shutdown hook'));
    }
    init(): unknown {
      journal.note('init');
      return init();
    }
  }
  return StrayPlugin;
}

const isolating = (more: object = {}, intensity: object = {}) => ({
  startup: { retry: { initialDelay: 10 }, ...more },
  supervision: { plugins: { stray: { onStrayError: 'isolate' } }, intensity: { restarts: 2, ...intensity } },
});
const ready = (backend: QuietBackend, times: number) =>
  backend.event('plugin-started', () => backend.of('plugin-started').length === times);

describe('An error that nobody caught', () => {
  it('ends the backend by default', async () => {
    await using backend = new QuietBackend([plugin(new Journal())]);
    await backend.start();

    expect(backend.takeStrayError(new Error('no'), 'stray')).to.equal(false);
    expect(backend.of('stray-error')[0]).to.include({ pluginId: 'stray', policy: 'crash' });
  });

  it('takes a plugin that is to be isolated out and starts it anew', async () => {
    const journal = new Journal();
    await using backend = new QuietBackend([plugin(journal)], isolating());
    await backend.start();

    const survived = backend.takeStrayError(new Error('no'), 'stray');
    const phase = backend.status.plugin('stray')?.phase;
    await ready(backend, 2);

    expect([survived, phase]).to.deep.equal([true, 'failed']);
    expect(journal.entries).to.deep.equal(['init', 'shutdown hook', 'init']);
    expect(backend.status.plugin('stray')?.phase).to.equal('ready');
    expect(backend.of('stray-error')[0]).to.include({ policy: 'isolate' });
  });

  it('ends the backend where a plugin is isolated more often than that is borne', async () => {
    await using backend = new QuietBackend([plugin(new Journal())], isolating());
    await backend.start();

    const survived: boolean[] = [];
    for (let n = 1; n <= 3; n++) {
      await ready(backend, n);
      survived.push(backend.takeStrayError(new Error('no'), 'stray'));
    }

    expect(survived).to.deep.equal([true, true, false]);
    expect(backend.of('stray-error').map(({ policy }) => policy)).to.deep.equal(['isolate', 'isolate', 'crash']);
  });

  it('counts only so long', async () => {
    await using backend = new QuietBackend([plugin(new Journal())], isolating({}, { restarts: 1, period: 30 }));
    await backend.start();

    const first = backend.takeStrayError(new Error('no'), 'stray');
    await ready(backend, 2);
    await sleep(40);
    const second = backend.takeStrayError(new Error('no'), 'stray');

    expect([first, second]).to.deep.equal([true, true]);
  });

  it('of a plugin that is out already does not count: its last life may have left something behind', async () => {
    await using backend = new QuietBackend([plugin(new Journal())], isolating());
    await backend.start();

    const survived = Array.from({ length: 20 }, () => backend.takeStrayError(new Error('no'), 'stray'));

    expect(survived).to.deep.equal(survived.map(() => true));
  });

  it('while the plugin starts is why it did not, and the backend starts without it', async () => {
    const journal = new Journal();
    let times = 0;
    const error = new Error('stray');
    const features = [plugin(journal, () => (times++ === 0 ? forEver() : undefined))];
    await using backend = new QuietBackend(features, isolating());
    const start = backend.start();
    await backend.event('plugin-phase', event => event.phase === 'starting');
    await sleep(5);

    backend.takeStrayError(error, 'stray');
    const { plugins } = await start;
    await ready(backend, 1);

    expect(plugins[0]?.failure).to.deep.equal({ error, allowed: true });
    expect(journal.entries).to.deep.equal(['init', 'shutdown hook', 'init']);
  });

  it('ends the backend where the plugin does not start again', async () => {
    let times = 0;
    const features = [
      plugin(new Journal(), () => {
        if (times++ > 0) throw new Error('not again');
      }),
    ];
    await using backend = new QuietBackend(features, isolating());
    await backend.start();

    backend.takeStrayError(new Error('no'), 'stray');
    await backend.event('plugin-failed', ({ allowed }) => !allowed);

    expect(backend.of('plugin-failed').map(({ allowed }) => allowed)).to.deep.equal([true, false]);
  });

  it('is not waited for twice by a stop that comes while the plugin is being taken out', async () => {
    const journal = new Journal();
    const backend = new QuietBackend([plugin(journal)], isolating());
    await backend.start();

    backend.takeStrayError(new Error('no'), 'stray');
    await backend.stop();
    await sleep(30);

    expect(journal.entries).to.deep.equal(['init', 'shutdown hook']);
  });

  it('on nobody’s account ends the backend, however plugins are treated', async () => {
    await using backend = new QuietBackend([plugin(new Journal())], isolating());
    await backend.start();

    expect(backend.takeStrayError(new Error('no'), undefined)).to.equal(false);
    expect(backend.of('stray-error')[0]).not.to.have.property('pluginId');
  });
});
