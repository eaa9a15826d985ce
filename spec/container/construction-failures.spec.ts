import { expect } from 'chai';
import { inspect } from 'node:util';
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

  describe('that says itself what to do', () => {
    const place = { message: 'wrong', path: ["in table 't'"], fix: 'mend it.' };

    /** Has what it carries, and a constructor of its own. */
    class TableError extends BackplaneError {
      override readonly name = 'TableError';
      readonly table: string;
      constructor(table: string, error: Error) {
        super({ ...place, code: 'NO_TABLE', cause: error });
        this.table = table;
      }
    }
    const thrown = { config: new ConfigError({ ...place, code: 'NO_KEY' }), table: new TableError('t', cause) };

    async function failureOf(error: Error): Promise<unknown> {
      @Injectable()
      class Deep {
        constructor() {
          throw error;
        }
      }
      @Service({ id: 'acme.deep', scope: 'plugin' })
      class Service2 {
        constructor(readonly deep: Deep) {}
      }
      @Plugin({ pluginId: 'a' })
      class PluginA {
        constructor(readonly service: Service2) {}
      }
      const startup = {
        default: { onPluginBootFailure: 'continue' },
        retry: { initialDelay: 60_000, maxDelay: 60_000 },
      };
      await using backend = await TestBackend.start({
        features: [PluginA],
        config: { backend: { startup, logger: { level: 'none' } } },
      });
      return backend.result.plugins[0]!.failure?.error;
    }

    it('keeps its code and its class, and is told with the way to it', async () => {
      const failure = await failureOf(thrown.config);

      expect(failure).to.be.instanceOf(ConfigError);
      expect(failure).to.include({ code: 'NO_KEY', name: 'ConfigError' });
      const { problem } = failure as ConfigError;
      expect(problem).to.include({ message: 'wrong', fix: 'mend it.' });
      expect(wayOf(problem)).to.deep.equal([
        "in plugin 'a' (here)",
        "-> service 'acme.deep' (class Service2) (here)",
        '-> class Deep (here)',
        "-> table 't'",
      ]);
      expect(inspect(failure))
        .to.match(/at .*construction-failures\.spec/)
        .and.include('-> class Deep')
        .and.include('fix: mend it.');
    });

    it('keeps what it carries, whatever the constructor of its class wants', async () => {
      const failure = await failureOf(thrown.table);

      expect(failure).to.be.instanceOf(TableError);
      expect(failure).to.include({ code: 'NO_TABLE', name: 'TableError', table: 't', cause });
      expect((failure as TableError).problem.path[0]).to.match(/^in plugin 'a'/);
    });
  });
});
