import { expect } from 'chai';
import { get } from 'node:http';
import {
  type Backend,
  ExtensionPoint,
  Get,
  LifecycleService,
  Module,
  Plugin,
  RootHttpRouterService,
  RootLifecycleService,
  Service,
} from '../../lib/index.js';
import { Journal, QuietBackend } from './quiet-backend.js';

/** A plugin with all that a start can come to, which tells its journal when that is. */
function talkative({ note, hook }: Journal, pluginId: string) {
  const tell = (entry: string) => note(`${pluginId}: ${entry}`);

  @Service({ id: `${pluginId}.eager`, scope: 'plugin', eager: true })
  class EagerService {
    constructor() {
      tell('eager service');
    }
    [Symbol.dispose](): void {
      tell('eager service disposed');
    }
  }

  @ExtensionPoint({ pluginId, id: 'things' })
  abstract class Things {
    abstract add(thing: string): void;
  }

  @ExtensionPoint({ implements: Things })
  class ThingList extends Things {
    constructor() {
      super();
      tell('extension point');
    }
    override add(thing: string): void {
      tell(`${thing} added`);
    }
  }

  @Plugin({ pluginId, extensionPoints: [ThingList] })
  class TalkativePlugin {
    constructor(_eager: EagerService, lifecycle: LifecycleService) {
      tell('plugin constructed');
      lifecycle.addStartupHook(hook(`${pluginId}: first startup hook`));
      lifecycle.addStartupHook(hook(`${pluginId}: second startup hook`));
      lifecycle.addShutdownHook(hook(`${pluginId}: first shutdown hook`));
      lifecycle.addShutdownHook(hook(`${pluginId}: second shutdown hook`));
    }
    async init(): Promise<void> {
      tell('plugin init');
      await new Promise(resolve => setTimeout(resolve, 5));
      tell('plugin init done');
    }
    shutdown(): void {
      tell('plugin shutdown');
    }
    [Symbol.dispose](): void {
      tell('plugin disposed');
    }
    @Get('/ping', { allow: 'unauthenticated' })
    ping(): string {
      tell('request');
      return 'pong';
    }
  }

  const module = (moduleId: string) => {
    @Module({ pluginId, moduleId })
    class TalkativeModule {
      constructor(readonly things: Things) {
        tell(`module ${moduleId} constructed`);
      }
      init(): void {
        tell(`module ${moduleId} init`);
        this.things.add(moduleId);
      }
      shutdown(): void {
        tell(`module ${moduleId} shutdown`);
      }
    }
    return TalkativeModule;
  };
  return [module('one'), EagerService, TalkativePlugin, module('two')];
}

function rootService({ note, hook }: Journal) {
  @Service({ id: 'acme.pool', scope: 'root' })
  class Pool {
    constructor(lifecycle: RootLifecycleService) {
      note('root service');
      lifecycle.addStartupHook(hook('root startup hook'));
      lifecycle.addBeforeShutdownHook(hook('before-shutdown hook'));
      lifecycle.addShutdownHook(hook('first root shutdown hook'));
      lifecycle.addShutdownHook(hook('second root shutdown hook'));
    }
    [Symbol.dispose](): void {
      note('root service disposed');
    }
  }
  return Pool;
}

const startOfA = [
  'a: eager service',
  'a: extension point',
  'a: module one constructed',
  'a: module one init',
  'a: one added',
  'a: module two constructed',
  'a: module two init',
  'a: two added',
  'a: plugin constructed',
  'a: plugin init',
  'a: plugin init done',
  'a: first startup hook',
  'a: second startup hook',
];

const stopOfA = [
  'a: second shutdown hook',
  'a: first shutdown hook',
  'a: plugin shutdown',
  'a: module two shutdown',
  'a: module one shutdown',
  'a: plugin disposed',
  'a: eager service disposed',
];

describe('Backend › start()', () => {
  it('makes root services, then each plugin with its modules before it, then runs the root startup hooks', async () => {
    const journal = new Journal();
    await using backend = new QuietBackend([...talkative(journal, 'a'), rootService(journal)]);

    await backend.start();

    expect(journal.entries).to.deep.equal(['root service', ...startOfA, 'root startup hook']);
  });

  it('starts plugins at the same time: none waits for the init() of another', async () => {
    const journal = new Journal();
    await using backend = new QuietBackend([...talkative(journal, 'a'), ...talkative(journal, 'b')]);

    await backend.start();

    const { entries } = journal;
    expect(entries.indexOf('b: plugin init')).to.be.below(entries.indexOf('a: plugin init done'));
    expect(entries.indexOf('a: plugin init')).to.be.below(entries.indexOf('b: plugin init done'));
  });

  it('listens after all root services, and holds requests until their plugin has started', async () => {
    const journal = new Journal();
    let port = 0;
    let answer: Promise<string> | undefined;

    @Plugin({ pluginId: 'asking' })
    class AskingPlugin {
      constructor(readonly router: RootHttpRouterService) {}
      init(): void {
        port = this.router.address!.port;
        answer = ask(port, '/api/a/ping').finally(journal.hook('answered'));
      }
    }
    const features = [...talkative(journal, 'a'), AskingPlugin, rootService(journal)];
    await using backend = new QuietBackend(features, { listen: { host: '127.0.0.1', port: 0 } });

    await backend.start();

    const { entries } = journal;
    expect(await answer).to.equal('pong');
    expect(entries[0]).to.equal('root service');
    expect(entries.indexOf('a: request')).to.be.above(entries.indexOf('a: second startup hook'));
  });

  it('is ready only when all of that is done', async () => {
    const journal = new Journal();
    await using backend: Backend | QuietBackend = new QuietBackend([rootService(journal)]);
    const phases: string[] = [];
    backend.status.subscribe(event => {
      if (event.type === 'backend-phase') phases.push(`${event.phase} after ${journal.entries.at(-1)}`);
    });

    await backend.start();

    expect(phases).to.deep.equal(['ready after root startup hook']);
  });
});

describe('Backend › stop()', () => {
  it('is the mirror image of the start', async () => {
    const journal = new Journal();
    const backend = new QuietBackend([...talkative(journal, 'a'), rootService(journal)]);
    await backend.start();
    journal.entries.splice(0);

    await backend.stop();

    expect(journal.entries).to.deep.equal([
      'before-shutdown hook',
      ...stopOfA,
      'second root shutdown hook',
      'first root shutdown hook',
      'root service disposed',
    ]);
  });

  it('tells its steps and phases', async () => {
    const backend = new QuietBackend([]);
    await backend.start();
    const before = backend.events.length;

    await backend.stop();

    const told = backend.events.slice(before).map(event => Object.values(event).join(' '));
    expect(told).to.deep.equal([
      'backend-phase stopping',
      'stop-step before-shutdown hooks',
      'stop-step plugins',
      'stop-step shutdown hooks',
      'stop-step root services',
      'backend-phase stopped',
    ]);
  });
});

function ask(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent: false }, incoming => {
      incoming.setEncoding('utf8').once('data', resolve);
    }).on('error', reject);
  });
}
