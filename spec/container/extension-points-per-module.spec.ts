import { expect } from 'chai';
import { ExtensionPoint, Injectable, Module, ModuleContext, Plugin, Service } from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

@ExtensionPoint({ pluginId: 'catalog', id: 'rules' })
abstract class Rules {
  abstract add(rule: string): void;
  abstract self(): unknown;
}

@Injectable()
class RuleBook {
  readonly rules: [string, string][] = [];
}

@Service({ id: 'acme.shared', scope: 'plugin' })
class Shared {}

let instances: ModuleRules[];

@ExtensionPoint({ implements: Rules, perModule: true })
class ModuleRules extends Rules {
  constructor(
    private readonly book: RuleBook,
    private readonly module: ModuleContext,
    readonly shared: Shared,
  ) {
    super();
    instances.push(this);
  }

  add(rule: string): void {
    if (rule === 'bad') this.module.fail(new Error(`bad rule in ${this.module.moduleId}`));
    else this.book.rules.push([this.module.moduleId, rule]);
  }

  self(): unknown {
    return this;
  }
}

@Plugin({ pluginId: 'catalog', extensionPoints: [ModuleRules] })
class CatalogPlugin {
  constructor(
    readonly book: RuleBook,
    readonly shared: Shared,
  ) {}
}

@Module({ pluginId: 'catalog', moduleId: 'one' })
class ModuleOne {
  given: unknown;
  constructor(readonly rules: Rules) {}
  init(): void {
    this.rules.add('first');
    this.given = this.rules.self();
  }
}

@Module({ pluginId: 'catalog', moduleId: 'two' })
class ModuleTwo {
  constructor(readonly rules: Rules) {}
  init(): void {
    this.rules.add('second');
  }
}

@Module({ pluginId: 'catalog', moduleId: 'bad' })
class BadModule {
  constructor(readonly rules: Rules) {}
  init(): void {
    this.rules.add('bad');
  }
}

const catalog = { pluginId: 'catalog' };

describe('An extension point with an instance per module', () => {
  beforeEach(() => (instances = []));

  it('tells each module from the others, and shares what belongs to the plugin', async () => {
    await using backend = await TestBackend.start({ features: [CatalogPlugin, ModuleOne, ModuleTwo] });
    const { book, shared } = backend.get(CatalogPlugin, catalog);

    expect(book.rules).to.deep.equal([
      ['one', 'first'],
      ['two', 'second'],
    ]);
    expect(instances).to.have.length(2);
    expect(instances.map(instance => instance.shared)).to.deep.equal([shared, shared]);
  });

  it('is made before the module that uses it, and only for modules that do', async () => {
    @Module({ pluginId: 'catalog', moduleId: 'three' })
    class ModuleThree {}
    await using _backend = await TestBackend.start({ features: [CatalogPlugin, ModuleOne, ModuleThree] });

    expect(instances).to.have.length(1);
  });

  it('gives a module no more than the extension point: what returns itself returns the facade', async () => {
    await using backend = await TestBackend.start({ features: [CatalogPlugin, ModuleOne] });
    const { rules, given } = backend.get(ModuleOne, { ...catalog, moduleId: 'one' });

    expect(rules).to.be.instanceOf(Rules).and.not.instanceOf(ModuleRules);
    expect(given).to.equal(rules);
    expect(Object.isFrozen(rules)).to.equal(true);
  });

  it('fails the module that misuses it, by name', async () => {
    const problems = await startupProblems(TestBackend.start({ features: [CatalogPlugin, ModuleOne, BadModule] }));

    expect(problems).to.have.length(1);
    expect(problems[0]!.path[0]).to.match(/^in module 'bad' of plugin 'catalog'/);
    expect(problems[0]!.cause).to.have.property('message', 'bad rule in bad');
  });

  it('fails only that module where it may fail', async () => {
    const config = {
      backend: { startup: { default: { onPluginModuleBootFailure: 'continue' } }, logger: { level: 'error' } },
    };
    await using backend = await TestBackend.start({ features: [CatalogPlugin, ModuleOne, BadModule], config });

    const [plugin] = backend.result.plugins;
    expect(plugin!.failure).to.equal(undefined);
    expect(plugin!.modules.map(module => [module.moduleId, module.failure?.allowed])).to.deep.equal([
      ['one', undefined],
      ['bad', true],
    ]);
  });

  it('cannot be used by the plugin itself', async () => {
    @Plugin({ pluginId: 'catalog', extensionPoints: [ModuleRules] })
    class Curious {
      constructor(readonly rules: Rules) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [Curious] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['MISSING_EXTENSION_POINT']);
  });

  it('is wrapped once for each module', async () => {
    let wrappers = 0;
    @ExtensionPoint({ wraps: Rules })
    class Twice extends Rules {
      constructor(private readonly inner: Rules) {
        super();
        wrappers++;
      }
      add(rule: string): void {
        this.inner.add(rule);
        this.inner.add(rule);
      }
      self(): unknown {
        return this;
      }
    }
    await using backend = await TestBackend.start({ features: [CatalogPlugin, ModuleOne, ModuleTwo, Twice] });

    expect(wrappers).to.equal(2);
    expect(backend.get(CatalogPlugin, catalog).book.rules.map(([, rule]) => rule)).to.deep.equal([
      'first',
      'first',
      'second',
      'second',
    ]);
  });

  it('is overridden for every module', async () => {
    const added: string[] = [];
    const rules = { add: (rule: string) => void added.push(rule), self: () => undefined };
    const overrides = [override(Rules).withValue(rules)];
    await using _backend = await TestBackend.start({ features: [CatalogPlugin, ModuleOne, ModuleTwo], overrides });

    expect(added).to.deep.equal(['first', 'second']);
    expect(instances).to.deep.equal([]);
  });

  it('may be provided by a module, which then runs after those that use it', async () => {
    const order: string[] = [];
    @ExtensionPoint({ pluginId: 'catalog', id: 'sources' })
    abstract class Sources {
      abstract add(source: string): void;
    }
    @ExtensionPoint({ implements: Sources, perModule: true })
    class ModuleSources extends Sources {
      constructor(private readonly module: ModuleContext) {
        super();
      }
      add(source: string): void {
        order.push(`${this.module.moduleId}: ${source}`);
      }
    }
    @Module({ pluginId: 'catalog', moduleId: 'provider', extensionPoints: [ModuleSources] })
    class Provider {
      init(): void {
        order.push('provider');
      }
    }
    @Module({ pluginId: 'catalog', moduleId: 'user' })
    class User {
      constructor(private readonly sources: Sources) {}
      init(): void {
        this.sources.add('github');
      }
    }
    await using _backend = await TestBackend.start({ features: [CatalogPlugin, Provider, User] });

    expect(order).to.deep.equal(['user: github', 'provider']);
  });
});
