import { expect } from 'chai';
import {
  BackendStopError,
  ExtensionPoint,
  FeatureLoader,
  Inject,
  Injectable,
  Module,
  Plugin,
  Service,
  createServiceRef,
} from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

let ended: string[];

abstract class Ending {
  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise(resolve => setImmediate(resolve));
    ended.push(this.constructor.name);
  }
}

@Service({ id: 'acme.root-one', scope: 'root' })
class RootOne extends Ending {}

@Service({ id: 'acme.root-two', scope: 'root' })
class RootTwo extends Ending {
  constructor(readonly one: RootOne) {
    super();
  }
}

@Service({ id: 'acme.one', scope: 'plugin' })
class One extends Ending {
  constructor(readonly two: RootTwo) {
    super();
  }
}

@Injectable()
class Helper {
  constructor(readonly one: One) {}
  [Symbol.dispose](): void {
    ended.push('Helper');
  }
}

@Service({ id: 'acme.two', scope: 'plugin' })
class Two extends Ending {
  constructor(readonly helper: Helper) {
    super();
  }
}

@Service({ wraps: Two })
class TwoWrapper extends Two {
  constructor(readonly inner: Two) {
    super(inner.helper);
  }
}

@ExtensionPoint({ pluginId: 'a', id: 'point' })
abstract class Point {
  abstract use(): void;
}

@ExtensionPoint({ implements: Point })
class PointOfA extends Point {
  constructor(readonly two: Two) {
    super();
  }
  use(): void {}
  [Symbol.dispose](): void {
    ended.push('PointOfA');
  }
}

@Module({ pluginId: 'a', moduleId: 'm' })
class ModuleOfA {
  constructor(readonly point: Point) {}
  shutdown(): void {
    ended.push('module shutdown()');
  }
  [Symbol.dispose](): void {
    ended.push('ModuleOfA');
  }
}

@Plugin({ pluginId: 'a', extensionPoints: [PointOfA] })
class PluginA extends Ending {
  constructor(readonly two: Two) {
    super();
  }
  shutdown(): void {
    ended.push('plugin shutdown()');
  }
}

const features = [PluginA, ModuleOfA, TwoWrapper, RootOne, RootTwo];

/** The problems of a stop, by code and message. */
async function stopProblems(backend: TestBackend): Promise<[string, string][]> {
  try {
    await backend.stop();
  } catch (error) {
    if (error instanceof BackendStopError) return error.problems.map(({ code, message }) => [code, message]);
    throw error;
  }
  return [];
}

describe('Disposal', () => {
  beforeEach(() => (ended = []));

  it('is the reverse of construction: plugins after their shutdown(), and root services last', async () => {
    const backend = await TestBackend.start({ features });

    await backend.stop();

    expect(ended).to.deep.equal([
      'plugin shutdown()',
      'module shutdown()',
      'PluginA',
      'ModuleOfA',
      'PointOfA',
      'TwoWrapper',
      'Two',
      'Helper',
      'One',
      'RootTwo',
      'RootOne',
    ]);
  });

  it('waits for each before it goes on to the next', async () => {
    let open = 0;
    let most = 0;
    abstract class Slow {
      async [Symbol.asyncDispose](): Promise<void> {
        most = Math.max(most, ++open);
        await new Promise(resolve => setTimeout(resolve, 5));
        open--;
      }
    }
    @Service({ id: 'acme.slow-one', scope: 'root' })
    class SlowOne extends Slow {}
    @Service({ id: 'acme.slow-two', scope: 'root' })
    class SlowTwo extends Slow {}
    const backend = await TestBackend.start({ features: [SlowOne, SlowTwo] });

    await backend.stop();

    expect(most).to.equal(1);
  });

  it('prefers the asynchronous way where there are two', async () => {
    @Plugin({ pluginId: 'b' })
    class PluginB {
      [Symbol.dispose](): void {
        ended.push('sync');
      }
      [Symbol.asyncDispose](): void {
        ended.push('async');
      }
    }
    const backend = await TestBackend.start({ features: [PluginB] });

    await backend.stop();

    expect(ended).to.deep.equal(['async']);
  });

  it('never reaches what a test gave as a value', async () => {
    const overrides = [override(RootOne).withValue(new RootOne()), override(Two).withValue({} as Two)];
    const backend = await TestBackend.start({ features: [PluginA, RootOne], overrides });

    await backend.stop();

    expect(ended).to.not.include('RootOne');
  });

  it('reaches what a factory made, once, however many services it is', async () => {
    const ref = createServiceRef<Ending>({ id: 'acme.same', scope: 'plugin' });
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(
        readonly one: One,
        @Inject(ref) readonly same: Ending,
      ) {}
    }
    const overrides = [override(ref).withFactory(one => one, [One])];
    const backend = await TestBackend.start({ features: [PluginB], overrides });

    await backend.stop();

    expect(ended.filter(name => name === 'One')).to.have.length(1);
  });

  it('goes on after one that fails, and names it when all is done', async () => {
    @Service({ implements: RootTwo })
    class Failing extends RootTwo {
      override async [Symbol.asyncDispose](): Promise<void> {
        throw new Error('no');
      }
    }
    const backend = await TestBackend.start({ features: [PluginA, Failing] });

    const problems = await stopProblems(backend);

    expect(problems).to.deep.equal([
      ['DISPOSE_FAILED', "Disposing the service 'acme.root-two' (class Failing) failed"],
    ]);
    expect(ended.at(-1)).to.equal('RootOne');
  });

  it('gives up on one that hangs, and names it', async () => {
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly one: One) {}
      [Symbol.asyncDispose](): Promise<void> {
        return new Promise(() => {});
      }
    }
    const config = { backend: { lifecycle: { hookTimeout: '20ms' } } };
    const backend = await TestBackend.start({ features: [PluginB], config });

    const problems = await stopProblems(backend);

    expect(problems).to.deep.equal([['DISPOSE_TIMEOUT', "Disposing the plugin 'b' did not finish in 20 ms"]]);
    expect(ended).to.deep.equal(['One', 'RootTwo', 'RootOne']);
  });

  it('names every one that fails', async () => {
    abstract class Broken {
      [Symbol.dispose](): void {
        throw new Error('broken');
      }
    }
    @Plugin({ pluginId: 'b' })
    class PluginB extends Broken {}
    @Plugin({ pluginId: 'c' })
    class PluginC extends Broken {}
    @Service({ id: 'acme.broken', scope: 'root' })
    class BrokenRoot extends Broken {}
    const backend = await TestBackend.start({ features: [PluginB, PluginC, BrokenRoot] });

    const problems = await stopProblems(backend);

    expect(problems.map(([, message]) => message)).to.deep.equal([
      "Disposing the plugin 'b' failed",
      "Disposing the plugin 'c' failed",
      "Disposing the service 'acme.broken' (class BrokenRoot) failed",
    ]);
  });

  it('reaches what had been made when the start failed', async () => {
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly one: One) {
        throw new Error('no');
      }
    }

    await startupProblems(TestBackend.start({ features: [PluginB] }));

    expect(ended).to.deep.equal(['One', 'RootTwo', 'RootOne']);
  });

  it('reaches what was still being made when the start was given up', async () => {
    let arrive!: () => void;
    const arrival = new Promise<void>(resolve => (arrive = resolve));
    @Service({ id: 'acme.late', scope: 'plugin', create: [] })
    class Late extends Ending {
      static async create(): Promise<Late> {
        await arrival;
        return new Late();
      }
    }
    let constructed = false;
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly late: Late) {
        constructed = true;
      }
    }
    const config = { backend: { startup: { initTimeout: '20ms' } } };
    const problems = await startupProblems(TestBackend.start({ features: [PluginB], config }));

    arrive();
    await new Promise(resolve => setTimeout(resolve, 10));

    expect(problems.map(problem => problem.code)).to.deep.equal(['PLUGIN_START_TIMEOUT']);
    expect(ended).to.deep.equal(['Late']);
    expect(constructed).to.equal(false);
  });

  it('reaches the root services that a feature loader needed, also where the plan has problems', async () => {
    const loader = loaderThatNeeds(RootOne);

    const problems = await startupProblems(TestBackend.start({ features: [loader, orphan()] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['INVALID_ID']);
    expect(ended).to.deep.equal(['RootOne']);
  });

  it('reaches the root services that a feature loader needed when only a plan was asked for', async () => {
    await TestBackend.plan({ features: [loaderThatNeeds(RootOne)] });

    expect(ended).to.deep.equal(['RootOne']);
  });

  it('disposes the root services that a feature loader needed once, with the others', async () => {
    const backend = await TestBackend.start({ features: [loaderThatNeeds(RootOne), RootTwo] });

    await backend.stop();

    expect(ended).to.deep.equal(['RootTwo', 'RootOne']);
  });
});

function loaderThatNeeds(token: typeof RootOne): unknown {
  @FeatureLoader()
  class Loader {
    constructor(@Inject(token) readonly root: RootOne) {}
    load(): unknown[] {
      return [];
    }
  }
  return Loader;
}

function orphan(): unknown {
  @Plugin({ pluginId: 'Not Kebab' })
  class Misnamed {}
  return Misnamed;
}
