import { expect } from 'chai';
import { ExtensionPoint, Inject, Module, Plugin, Service, createServiceRef } from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';

const rootRef = createServiceRef<unknown>({ id: 'acme.root-value', scope: 'root' });
const pluginRef = createServiceRef<unknown>({ id: 'acme.plugin-value', scope: 'plugin' });

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(
    @Inject(rootRef) readonly root: unknown,
    @Inject(pluginRef) readonly own: unknown,
  ) {}
}

describe('What a service is made as', () => {
  for (const value of [0, '', null, false, undefined, NaN, 0n]) {
    it(`may be ${typeof value === 'string' ? "''" : String(value)} (${typeof value}), as a value and as what a factory makes`, async () => {
      for (const overrides of [
        [override(rootRef).withValue(value), override(pluginRef).withValue(value)],
        [override(rootRef).withFactory(() => value), override(pluginRef).withFactory(async () => value)],
      ]) {
        await using backend = await TestBackend.start({ features: [PluginA], overrides });
        const { root, own } = backend.get(PluginA, { pluginId: 'a' });

        expect([root, own]).to.deep.equal([value, value]);
      }
    });
  }

  it('is made once, also where it is falsy', async () => {
    let calls = 0;
    const none = () => {
      calls++;
      return null;
    };
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(@Inject(rootRef) readonly root: unknown) {}
    }
    const overrides = [override(rootRef).withFactory(none), override(pluginRef).withValue(0)];
    await using _backend = await TestBackend.start({ features: [PluginA, PluginB], overrides });

    expect(calls).to.equal(1);
  });

  it('may be a function, or a class', async () => {
    const greet = () => 'hello';
    class Entity {}
    const overrides = [override(rootRef).withFactory(() => greet), override(pluginRef).withFactory(() => Entity)];
    await using backend = await TestBackend.start({ features: [PluginA], overrides });
    const { root, own } = backend.get(PluginA, { pluginId: 'a' });

    expect([root, own]).to.deep.equal([greet, Entity]);
  });
});

describe('An instance with a method named then', () => {
  class Query {
    asked = 0;
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested
    then(resolve: (value: string) => void): void {
      this.asked++;
      resolve('the rows');
    }
  }

  it('is not awaited as a service', async () => {
    @Service({ id: 'acme.query', scope: 'plugin' })
    class QueryService extends Query {}
    @Service({ id: 'acme.root-query', scope: 'root', create: [] })
    class RootQueryService extends Query {
      static create(): RootQueryService {
        return new RootQueryService();
      }
    }
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(
        readonly query: QueryService,
        readonly root: RootQueryService,
      ) {}
    }
    await using backend = await TestBackend.start({ features: [PluginB] });
    const { query, root } = backend.get(PluginB, { pluginId: 'b' });

    expect(query).to.be.instanceOf(QueryService);
    expect(root).to.be.instanceOf(RootQueryService);
    expect([query.asked, root.asked]).to.deep.equal([0, 0]);
  });

  it('is not awaited as what a test puts in the place of a service', async () => {
    const value = new Query();
    const made = new Query();
    const overrides = [override(rootRef).withValue(value), override(pluginRef).withFactory(() => made)];
    await using backend = await TestBackend.start({ features: [PluginA], overrides });
    const { root, own } = backend.get(PluginA, { pluginId: 'a' });

    expect([root, own]).to.deep.equal([value, made]);
    expect([value.asked, made.asked]).to.deep.equal([0, 0]);
  });

  it('is not awaited as an extension point, made at once or later', async () => {
    @Service({ id: 'acme.slow', scope: 'plugin', create: [] })
    class Slow {
      static async create(): Promise<Slow> {
        await new Promise(resolve => setImmediate(resolve));
        return new Slow();
      }
    }
    @ExtensionPoint({ pluginId: 'b', id: 'query' })
    abstract class QueryPoint extends Query {}
    @ExtensionPoint({ implements: QueryPoint, perModule: true })
    class Queries extends QueryPoint {
      constructor(readonly slow: Slow) {
        super();
      }
    }
    @Plugin({ pluginId: 'b', extensionPoints: [Queries] })
    class PluginB {}
    @Module({ pluginId: 'b', moduleId: 'm' })
    class ModuleOfB {
      constructor(readonly query: QueryPoint) {}
    }
    await using backend = await TestBackend.start({ features: [PluginB, ModuleOfB] });
    const { query } = backend.get(ModuleOfB, { pluginId: 'b', moduleId: 'm' });

    expect(query).to.be.instanceOf(QueryPoint);
    expect(query.asked).to.equal(0);
  });

  it('is not awaited as a plugin or a module', async () => {
    @Plugin({ pluginId: 'b' })
    class PluginB extends Query {}
    @Module({ pluginId: 'b', moduleId: 'm' })
    class ModuleOfB extends Query {}
    await using backend = await TestBackend.start({ features: [PluginB, ModuleOfB] });

    expect(backend.get(PluginB, { pluginId: 'b' }).asked).to.equal(0);
    expect(backend.get(ModuleOfB, { pluginId: 'b', moduleId: 'm' }).asked).to.equal(0);
  });
});
