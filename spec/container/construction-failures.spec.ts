import { expect } from 'chai';
import {
  BackplaneError,
  ConfigError,
  ExtensionPoint,
  Injectable,
  Module,
  Plugin,
  RootConfigService,
  Service,
} from '../../lib/index.js';
import type { Problem } from '../../lib/errors/problem.js';
import { TestBackend } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

const cause = new TypeError('no such thing');

@Injectable()
class Faulty {
  constructor() {
    throw cause;
  }
}

@Service({ id: 'acme.inner', scope: 'plugin' })
class Inner {
  constructor(readonly faulty: Faulty) {}
}

@Service({ id: 'acme.outer', scope: 'plugin' })
class Outer {
  constructor(readonly inner: Inner) {}
}

@Service({ id: 'acme.root-faulty', scope: 'root', create: [] })
class RootFaulty {
  static async create(): Promise<RootFaulty> {
    throw cause;
  }
}

async function problemOf(...features: unknown[]): Promise<Problem> {
  const problems = await startupProblems(TestBackend.start({ features }));
  expect(problems).to.have.length(1);
  return problems[0]!;
}

/** The path without the line and column of each place. */
function wayOf({ path }: Problem): string[] {
  return path.map(step =>
    step.replace(/:\d+:\d+\)$/, ')').replace('spec/container/construction-failures.spec.ts', 'here'),
  );
}

describe('The error of a constructor', () => {
  it('is told with the way from the plugin to what failed, and with what was thrown', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly outer: Outer) {}
    }

    const problem = await problemOf(PluginA);

    expect(problem.code).to.equal('CONSTRUCTION_FAILED');
    expect(problem.message).to.equal('The class Faulty could not be constructed');
    expect(wayOf(problem)).to.deep.equal([
      "in plugin 'a' (here)",
      "-> service 'acme.outer' (class Outer) (here)",
      "-> service 'acme.inner' (class Inner) (here)",
      '-> class Faulty (here)',
    ]);
    expect(problem.cause).to.equal(cause);
  });

  it('of the plugin itself has no further way', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor() {
        throw cause;
      }
    }

    const problem = await problemOf(PluginA);

    expect(problem.message).to.equal("The plugin 'a' could not be constructed");
    expect(wayOf(problem)).to.deep.equal(["in plugin 'a' (here)"]);
  });

  it('of something that is not an error is told too', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor() {
        // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- this is what is tested
        throw 'text';
      }
    }

    const problem = await problemOf(PluginA);

    expect(problem.cause).to.equal('text');
  });

  it('names the module', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {}
    @Module({ pluginId: 'a', moduleId: 'm' })
    class ModuleOfA {
      constructor(readonly faulty: Faulty) {}
    }

    const problem = await problemOf(PluginA, ModuleOfA);

    expect(wayOf(problem)).to.deep.equal(["in module 'm' of plugin 'a' (here)", '-> class Faulty (here)']);
  });

  it('names the extension point', async () => {
    @ExtensionPoint({ pluginId: 'a', id: 'point' })
    abstract class Point {
      abstract use(): void;
    }
    @ExtensionPoint({ implements: Point })
    class PointOfA extends Point {
      constructor(readonly faulty: Faulty) {
        super();
      }
      use(): void {}
    }
    @Plugin({ pluginId: 'a', extensionPoints: [PointOfA] })
    class PluginA {}

    const problem = await problemOf(PluginA);

    expect(wayOf(problem)).to.deep.equal([
      "in plugin 'a'",
      "-> extension point 'a.point' (class PointOfA) (here)",
      '-> class Faulty (here)',
    ]);
  });

  it('of a root service is told with the way from the backend', async () => {
    @Service({ id: 'acme.root-outer', scope: 'root' })
    class RootOuter {
      constructor(readonly faulty: RootFaulty) {}
    }

    const problem = await problemOf(RootOuter);

    expect(wayOf(problem)).to.deep.equal([
      'in the backend',
      "-> service 'acme.root-outer' (class RootOuter) (here)",
      "-> service 'acme.root-faulty' (class RootFaulty) (here)",
    ]);
    expect(problem.cause).to.equal(cause);
  });

  it('that has a code of its own keeps it, and is told with its owner', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(config: RootConfigService) {
        config.getString('a.missing');
      }
    }

    const problem = await problemOf(PluginA);

    expect(problem.code).to.equal('MISSING_CONFIG');
    expect(problem.path[0]).to.match(/^in plugin 'a' \(spec\/container\/.+\)$/);
  });

  it('that has a code of its own stays what it is for who catches it', async () => {
    const own = new ConfigError({ code: 'INVALID_CONFIG', message: 'wrong', path: [], fix: 'mend it.' });
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor() {
        throw own;
      }
    }

    const problem = await problemOf(PluginA);

    expect(own).to.be.instanceOf(BackplaneError);
    expect(problem.message).to.equal('wrong');
  });
});
