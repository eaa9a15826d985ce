import { PlanResultCacheService } from '@inversifyjs/core';
import { expect } from 'chai';
import { Container, inject, injectable } from 'inversify';
import {
  ExtensionPoint,
  Injectable,
  LoggerService,
  Module,
  Plugin,
  RootConfigService,
  Service,
} from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

/**
 * Why the containers are built as they are: what inversify does, and that it cannot bite a backend.
 *
 * A first half that fails says that inversify has changed, and that its second half may be simplified.
 */
function fact(title: string, inversifyDoes: () => unknown, aBackendDoes: [title: string, run: () => unknown]): void {
  describe(title, () => {
    it('is what inversify does', inversifyDoes as never);
    it(`cannot bite a backend: ${aBackendDoes[0]}`, aBackendDoes[1] as never);
  });
}

@Injectable()
class Helper {}

@Service({ id: 'acme.root-user', scope: 'root' })
class RootUser {
  constructor(readonly helper: Helper) {}
}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(
    readonly helper: Helper,
    readonly root: RootUser,
  ) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(
    readonly helper: Helper,
    readonly root: RootUser,
  ) {}
}

const a = { pluginId: 'a' };
const b = { pluginId: 'b' };

describe('A fact of inversify', () => {
  fact(
    'a singleton of the parent captures the bindings of the child that asks first, for everybody',
    () => {
      const root = new Container();
      root
        .bind('service')
        .toResolvedValue((helper: unknown) => ({ helper }), ['helper'])
        .inSingletonScope();
      const first = new Container({ parent: root });
      const second = new Container({ parent: root });
      first.bind('helper').toConstantValue('of the first');
      second.bind('helper').toConstantValue('of the second');

      const asked = [first, second].map(child => child.get<{ helper: unknown }>('service').helper);

      expect(asked).to.deep.equal(['of the first', 'of the first']);
    },
    [
      'a root service has its own, whoever needs it first',
      async () => {
        @Service({ implements: RootUser, eager: false })
        class LazyRootUser extends RootUser {}
        await using backend = await TestBackend.start({ features: [PluginA, PluginB, LazyRootUser] });
        const { helper } = backend.get(RootUser);

        expect(helper).to.be.instanceOf(Helper);
        expect([backend.get(PluginA, a).helper, backend.get(PluginB, b).helper]).to.not.include(helper);
        expect(backend.get(PluginA, a).root.helper).to.equal(helper);
      },
    ],
  );

  fact(
    'what is bound in a container captures the bindings of its child that asks first',
    () => {
      const plugin = new Container();
      plugin
        .bind('extension point')
        .toResolvedValue((helper: unknown) => ({ helper }), ['helper'])
        .inSingletonScope();
      plugin.bind('helper').toConstantValue('of the plugin');
      const module = new Container({ parent: plugin });
      module.bind('helper').toConstantValue('of the module');

      expect(module.get<{ helper: unknown }>('extension point').helper).to.equal('of the module');
    },
    [
      'an extension point is made at its owner, also where a module needs it first',
      async () => {
        @ExtensionPoint({ pluginId: 'c', id: 'point' })
        abstract class Point {
          abstract use(): void;
        }
        @ExtensionPoint({ implements: Point })
        class PointOfC extends Point {
          constructor(readonly helper: Helper) {
            super();
          }
          use(): void {}
        }
        @Plugin({ pluginId: 'c', extensionPoints: [PointOfC] })
        class PluginC {
          constructor(
            readonly point: PointOfC,
            readonly helper: Helper,
          ) {}
        }
        @Module({ pluginId: 'c', moduleId: 'm' })
        class ModuleOfC {
          constructor(readonly point: Point) {}
        }
        await using backend = await TestBackend.start({ features: [PluginC, ModuleOfC] });
        const plugin = backend.get(PluginC, { pluginId: 'c' });

        expect(plugin.point.helper).to.equal(plugin.helper);
      },
    ],
  );

  fact(
    'onActivation of a child replaces the instance of the parent, for everybody',
    () => {
      const root = new Container();
      root
        .bind('service')
        .toDynamicValue(() => 'real')
        .inSingletonScope();
      const first = new Container({ parent: root });
      first.onActivation('service', () => 'replaced');

      first.get('service');

      expect([new Container({ parent: root }).get('service'), root.get('service')]).to.deep.equal([
        'replaced',
        'replaced',
      ]);
    },
    [
      'below a bridge it replaces nothing but what that child gets',
      () => {
        const { root, first, second } = bridged();
        first.onActivation('service', () => 'replaced');

        expect([first, second, root].map(container => container.get('service'))).to.deep.equal([
          'replaced',
          'real',
          'real',
        ]);
      },
    ],
  );

  fact(
    'unbind of a child deactivates the live instance of the parent',
    async () => {
      const ended: string[] = [];
      const root = new Container();
      root
        .bind('service')
        .toDynamicValue(() => 'real')
        .inSingletonScope()
        .onDeactivation(() => void ended.push('ended'));
      const child = new Container({ parent: root });
      child.get('service');

      child.unbind('service');

      expect(ended).to.deep.equal(['ended']);
    },
    [
      'below a bridge it reaches nothing, and no container is ever handed out',
      async () => {
        const { root, first, second, ended } = bridged();
        first.get('service');

        first.unbind('service');

        expect(ended).to.deep.equal([]);
        expect([second, root].map(container => container.get('service'))).to.deep.equal(['real', 'real']);
        expect(await containersGivenToAPlugin()).to.deep.equal([]);
      },
    ],
  );

  fact(
    'an asynchronous singleton that failed is remembered as failed for ever',
    async () => {
      let calls = 0;
      const container = new Container();
      const fail = async () => {
        throw new Error(`failure ${++calls}`);
      };
      container.bind('service').toDynamicValue(fail).inSingletonScope();

      const errors = [await messageOf(container.getAsync('service')), await messageOf(container.getAsync('service'))];

      expect(errors).to.deep.equal(['failure 1', 'failure 1']);
    },
    [
      'only success is remembered',
      async () => {
        let calls = 0;
        @Service({ implements: RootUser, retry: { attempts: 1, delay: 0 }, create: [] })
        class Recovering extends RootUser {
          static async create(): Promise<Recovering> {
            if (++calls === 1) throw new Error('failure 1');
            return new Recovering(new Helper());
          }
        }
        await using backend = await TestBackend.start({ features: [PluginA, Recovering] });

        expect(backend.get(RootUser)).to.be.instanceOf(Recovering);
        expect(calls).to.equal(2);
      },
    ],
  );

  fact(
    'instances are deactivated all at the same time',
    async () => {
      const log: string[] = [];
      const container = new Container();
      for (const name of ['first', 'second']) {
        container
          .bind(name)
          .toDynamicValue(() => name)
          .inSingletonScope()
          .onDeactivation(async () => {
            log.push(`${name} begins`);
            await new Promise(resolve => setImmediate(resolve));
            log.push(`${name} ends`);
          });
        container.get(name);
      }

      await container.unbindAllAsync();

      expect(log).to.deep.equal(['first begins', 'second begins', 'first ends', 'second ends']);
    },
    [
      'they are disposed one after the other, in reverse',
      async () => {
        const log: string[] = [];
        abstract class Slow {
          abstract readonly name: string;
          async [Symbol.asyncDispose](): Promise<void> {
            log.push(`${this.name} begins`);
            await new Promise(resolve => setImmediate(resolve));
            log.push(`${this.name} ends`);
          }
        }
        @Service({ id: 'acme.first', scope: 'root' })
        class First extends Slow {
          readonly name = 'first';
        }
        @Service({ id: 'acme.second', scope: 'root' })
        class Second extends Slow {
          readonly name = 'second';
        }
        const backend = await TestBackend.start({ features: [First, Second] });

        await backend.stop();

        expect(log).to.deep.equal(['second begins', 'second ends', 'first begins', 'first ends']);
      },
    ],
  );

  fact(
    'a binding in a container visits each of its descendants',
    () => {
      const root = new Container();
      const children = Array.from({ length: 3 }, () => new Container({ parent: root }));

      const visits = countVisits(() => root.bind('service').toConstantValue(1));

      expect(children).to.have.length(3);
      expect(visits.get('service')).to.equal(1 + children.length);
    },
    [
      'all bridges are bound before the first plugin has a container',
      async () => {
        const features = Array.from({ length: 10 }, (_, index) => pluginNumber(index));

        let backend!: TestBackend;
        const visits = await countVisitsAsync(async () => {
          backend = await TestBackend.start({ features });
        });

        // Once in the root, once in the bridge; were there plugins below by then, each of them would be visited too.
        expect(visits.get('acme.root-user')).to.equal(2);
        await backend.stop();
      },
    ],
  );

  fact(
    'the error of a constructor does not tell who needed what it makes',
    () => {
      class Inner {
        constructor() {
          throw new Error('no');
        }
      }
      class Outer {
        constructor(readonly inner: Inner) {}
      }
      injectable()(Inner);
      inject(Inner)(Outer, undefined, 0);
      injectable()(Outer);
      const container = new Container();
      container.bind(Inner).toSelf();
      container.bind(Outer).toSelf();

      expect(() => container.get(Outer)).to.throw(/^no$/);
    },
    [
      'it has the way from its owner',
      async () => {
        @Injectable()
        class Inner {
          constructor() {
            throw new Error('no');
          }
        }
        @Plugin({ pluginId: 'c' })
        class PluginC {
          constructor(readonly inner: Inner) {}
        }

        const [problem] = await startupProblems(TestBackend.start({ features: [PluginC] }));

        expect(problem!.path.map(step => step.replace(/ \(.*/, ''))).to.deep.equal(["in plugin 'c'", '-> class Inner']);
        expect(problem!.cause).to.have.property('message', 'no');
      },
    ],
  );

  fact(
    'a subclass without a decorator of its own silently gets undefined',
    () => {
      class Base {
        constructor(readonly dependency: unknown) {}
      }
      inject('dependency')(Base, undefined, 0);
      injectable()(Base);
      class Derived extends Base {}
      const container = new Container();
      container.bind('dependency').toConstantValue(1);
      container.bind(Derived).toSelf();

      expect(container.get(Derived).dependency).to.equal(undefined);
    },
    [
      'a decorated one takes what its base declares, and an undecorated base is a problem',
      async () => {
        @Injectable()
        abstract class Base {
          constructor(readonly helper: Helper) {}
        }
        @Injectable()
        class Derived extends Base {}
        abstract class Bare {
          constructor(readonly helper: Helper) {}
        }
        @Injectable()
        class DerivedFromBare extends Bare {}
        @Plugin({ pluginId: 'c' })
        class PluginC {
          constructor(readonly derived: Derived) {}
        }
        @Plugin({ pluginId: 'd' })
        class PluginD {
          constructor(readonly derived: DerivedFromBare) {}
        }
        await using backend = await TestBackend.start({ features: [PluginC] });
        const problems = await startupProblems(TestBackend.start({ features: [PluginD] }));

        expect(backend.get(PluginC, { pluginId: 'c' }).derived.helper).to.be.instanceOf(Helper);
        expect(problems.map(problem => problem.code)).to.deep.equal(['UNDECORATED_BASE']);
      },
    ],
  );

  fact(
    'an instance with a method named then counts as a promise',
    async () => {
      // oxlint-disable-next-line unicorn/no-thenable -- what is tested
      const query = { then: (resolve: (rows: string) => void) => resolve('rows') };
      const container = new Container();
      container
        .bind('query')
        .toDynamicValue(() => query)
        .inSingletonScope();

      expect(container.get('query')).to.not.equal(query);
      expect(await container.getAsync('query')).to.equal('rows');
    },
    [
      'it is the service',
      async () => {
        // oxlint-disable-next-line unicorn/no-thenable -- what is tested
        const query = Object.assign(new Helper(), { then: (resolve: (rows: string) => void) => resolve('rows') });
        const overrides = [override(Helper).withValue(query).for({ pluginId: 'a' })];
        await using backend = await TestBackend.start({ features: [PluginA, RootUser], overrides });

        expect(backend.get(PluginA, a).helper).to.equal(query);
      },
    ],
  );
});

/** A root and two containers below a bridge to it, as plugins have them. */
function bridged() {
  const ended: string[] = [];
  const root = new Container();
  root
    .bind('service')
    .toDynamicValue(() => 'real')
    .inSingletonScope()
    .onDeactivation(() => void ended.push('ended'));
  const bridge = new Container();
  bridge.bind('service').toDynamicValue(() => root.get('service'));
  return { root, ended, first: new Container({ parent: bridge }), second: new Container({ parent: bridge }) };
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: Error) => error.message,
  );
}

/** How often containers were told that something is bound anew, by what is bound. */
function countVisits(run: () => void): Map<unknown, number> {
  const visits = new Map<unknown, number>();
  const end = watchVisits(visits);
  run();
  end();
  return visits;
}

async function countVisitsAsync(run: () => Promise<void>): Promise<Map<unknown, number>> {
  const visits = new Map<unknown, number>();
  const end = watchVisits(visits);
  await run();
  end();
  return visits;
}

function watchVisits(visits: Map<unknown, number>): () => void {
  const { prototype } = PlanResultCacheService;
  const original = prototype.invalidateServiceBinding;
  prototype.invalidateServiceBinding = function (invalidation) {
    const { serviceIdentifier } = invalidation.binding;
    visits.set(serviceIdentifier, (visits.get(serviceIdentifier) ?? 0) + 1);
    original.call(this, invalidation);
  };
  return () => (prototype.invalidateServiceBinding = original);
}

function pluginNumber(index: number): unknown {
  @Plugin({ pluginId: `p${index}` })
  class NumberedPlugin {
    constructor(readonly root: RootUser) {}
  }
  return NumberedPlugin;
}

/** Every container that can be reached, by properties and prototypes, from what a plugin is given. */
async function containersGivenToAPlugin(): Promise<unknown[]> {
  @Plugin({ pluginId: 'c' })
  class PluginC {
    constructor(
      readonly root: RootUser,
      readonly helper: Helper,
      readonly logger: LoggerService,
      readonly config: RootConfigService,
    ) {}
  }
  await using backend = await TestBackend.start({ features: [PluginC] });
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
    seen.add(value);
    visit(Object.getPrototypeOf(value));
    for (const key of [...Object.getOwnPropertyNames(value), ...Object.getOwnPropertySymbols(value)]) {
      const described = Object.getOwnPropertyDescriptor(value, key)!;
      visit(described.value);
      visit(described.get);
    }
  };
  visit(backend.get(PluginC, { pluginId: 'c' }));
  return [...seen].filter(value => value instanceof Container);
}
