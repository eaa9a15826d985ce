import { expect } from 'chai';
import { BackendStatusService, Plugin, Service } from '../../lib/index.js';
import { QuietBackend } from './quiet-backend.js';

@Plugin({ pluginId: 'a' })
class APlugin {}

describe('What is told of a backend', () => {
  it('is each step of its life, in order', async () => {
    const backend = new QuietBackend([APlugin]);

    await backend.start();
    await backend.stop();

    const told = backend.events.map(event => {
      switch (event.type) {
        case 'backend-phase':
          return `backend ${event.phase}`;
        case 'plugin-phase':
          return `${event.pluginId} ${event.phase}`;
        default:
          return event.type;
      }
    });
    expect(told.filter(entry => entry !== 'stop-step')).to.deep.equal([
      'a waiting',
      'a starting',
      'a ready',
      'plugin-started',
      'backend ready',
      'backend-started',
      'backend stopping',
      'a stopping',
      'a stopped',
      'backend stopped',
    ]);
  });

  it('is told to root services and read by them at any time', async () => {
    const seen: string[] = [];

    @Service({ id: 'acme.watcher', scope: 'root' })
    class Watcher {
      constructor(status: BackendStatusService) {
        status.subscribe(event => {
          if (event.type === 'plugin-phase') seen.push(`${event.phase} ${status.plugin('a')?.phase} ${status.phase}`);
        });
      }
    }
    await using backend = new QuietBackend([APlugin, Watcher]);

    await backend.start();

    expect(seen).to.deep.equal(['waiting waiting starting', 'starting starting starting', 'ready ready starting']);
  });

  it('is told to the others also where one of the listeners throws', async () => {
    await using backend = new QuietBackend([APlugin]);
    let told = 0;
    backend.status.subscribe(() => {
      throw new Error('a listener');
    });
    backend.status.subscribe(() => told++);

    await backend.start();

    expect(told).to.be.above(3);
  });

  it('says which plugins a long start waits for', async function () {
    this.timeout(8_000);
    let go: () => void = () => {};

    @Plugin({ pluginId: 'slow' })
    class SlowPlugin {
      init(): Promise<void> {
        return new Promise(resolve => (go = resolve));
      }
    }
    await using backend = new QuietBackend([SlowPlugin, APlugin]);
    const start = backend.start();

    const { waitingFor } = await backend.event('start-progress');
    go();
    await start;

    expect(waitingFor).to.deep.equal(['slow']);
  });
});
