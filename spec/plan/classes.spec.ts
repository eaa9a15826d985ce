import { expect } from 'chai';
import {
  Controller,
  Get,
  HealthCheck,
  Inject,
  Injectable,
  Module,
  Plugin,
  Service,
  Use,
} from '../../decorators/index.js';
import type * as decorators from '../../decorators/index.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { PackageTree } from '../scan/package-tree.js';
import { codesIn, onlyProblemIn, problemsIn } from './plan-problems.js';

const copy = (await import(new URL('../../bundle/decorators.js', import.meta.url).href)) as typeof decorators;

/** Runs a module that is somewhere else, as another package is. */
async function elsewhere(run: string, parameters: Record<string, unknown>): Promise<void> {
  using tree = new PackageTree();
  tree.write({ 'other.mjs': `export default ({ ${Object.keys(parameters).join(', ')} }) => { ${run} };` });
  const { default: body } = (await import(tree.path('other.mjs'))) as { default: (p: object) => void };
  body(parameters);
}

class Target {
  read(): string {
    return 'read';
  }
}

function pluginOf(target: new () => object): unknown {
  Plugin({ pluginId: 'target' })(target);
  return target;
}

describe('A class', () => {
  it('with two roles is told, feature or not', async () => {
    @Injectable()
    @Controller()
    class Both {}
    @Plugin({ pluginId: 'owner', controllers: [Both] })
    class Owner {}
    @Service({ id: 'acme.a', scope: 'root' })
    @Plugin({ pluginId: 'a' })
    class PluginAndService {}

    expect(await codesIn([Owner])).to.deep.equal(['TWO_ROLES']);
    expect(await codesIn([PluginAndService])).to.deep.equal(['TWO_ROLES']);
  });

  for (const [what, run] of [
    ['a route', `Get('/added')(target.prototype, 'read', {});`],
    ['middleware', `Use(() => {})(target);`],
    ['middleware of a method', `Use(() => {})(target.prototype, 'read');`],
    ['a parameter', `Inject(LoggerService)(target, undefined, 0);`],
    ['a role', `Injectable()(target);`],
  ] as const) {
    it(`that another file decorates afterwards is told: ${what}`, async () => {
      class Decorated extends Target {
        @Get('/own')
        own(): string {
          return 'own';
        }
      }
      const plugin = pluginOf(Decorated);

      await elsewhere(run, { target: Decorated, Get, Use, Inject, Injectable, LoggerService });

      const problems = (await problemsIn([plugin])).filter(({ code }) => code === 'FOREIGN_DECORATION');
      expect(problems).to.have.length(1);
      expect(problems[0]!.path[1]).to.match(/^-> by .*other\.mjs:1:\d+$/);
    });
  }

  it('with a base that another file decorates is told, as the route would be its own', async () => {
    class Base {
      @Get('/own')
      own(): string {
        return 'own';
      }

      secret(): string {
        return 'secret';
      }
    }
    class Derived extends Base {}
    const plugin = pluginOf(Derived);

    await elsewhere(`Get('/secret', { allow: 'unauthenticated' })(base.prototype, 'secret', {});`, { base: Base, Get });

    expect(await codesIn([plugin])).to.deep.equal(['FOREIGN_DECORATION']);
  });

  it('that its own file decorates in any order is not', async () => {
    class Decorated extends Target {}
    const plugin = pluginOf(Decorated);
    (Get('/late') as (target: object, method: string) => void)(Decorated.prototype, 'read');
    (Inject(LoggerService) as ParameterDecorator)(Decorated, undefined, 0);
    Use((_, next) => next())(Decorated);

    expect(await codesIn([plugin])).to.deep.equal([]);
  });

  it('is not decorated by another file, which only calls a function of its own', async () => {
    class Decorated extends Target {}
    const decorate = () => pluginOf(Decorated);
    await elsewhere('decorate();', { decorate });

    expect(await codesIn([Decorated])).to.deep.equal([]);
  });
});

describe('A decorated method', () => {
  it('of a service, a helper or a wrapper is told, as is that of a base of one', async () => {
    class Base {
      @Get('/x')
      read(): string {
        return 'x';
      }

      @HealthCheck()
      check(): void {}
    }
    @Injectable()
    class Helper extends Base {}
    @Plugin({ pluginId: 'a' })
    class A {
      constructor(readonly helper: Helper) {}
    }
    @Service({ id: 'acme.service', scope: 'root' })
    class Own extends Base {}

    expect(await codesIn([A])).to.deep.equal(['MISPLACED_METHOD', 'MISPLACED_METHOD']);
    expect(await codesIn([Own])).to.deep.equal(['MISPLACED_METHOD', 'MISPLACED_METHOD']);
  });

  it('of a base with @Injectable, which gives its constructor to a controller, is not', async () => {
    @Injectable()
    abstract class Base {
      constructor(readonly logger: LoggerService) {}

      @Get('/x')
      read(): string {
        return 'x';
      }
    }
    @Controller()
    class Derived extends Base {}
    @Plugin({ pluginId: 'a', controllers: [Derived] })
    class A {}

    expect(await codesIn([A])).to.deep.equal([]);
  });
});

describe('Middleware', () => {
  it('that stands in front of nothing is told, as of a plugin with routes in controllers only', async () => {
    @Controller()
    class Routes {
      @Get('/x')
      read(): string {
        return 'x';
      }
    }
    @Use((_, next) => next())
    @Plugin({ pluginId: 'guarded', controllers: [Routes] })
    class Guarded {}
    @Use((_, next) => next())
    @Service({ id: 'acme.service', scope: 'root' })
    class GuardedService {
      read(): void {}
    }

    expect(await codesIn([Guarded])).to.deep.equal(['MIDDLEWARE_WITHOUT_ROUTE']);
    expect(await codesIn([GuardedService])).to.deep.equal(['MIDDLEWARE_WITHOUT_ROUTE']);
  });

  it('of a class with an inherited route stands in front of that', async () => {
    abstract class Base {
      @Get('/x')
      read(): string {
        return 'x';
      }
    }
    @Use((_, next) => next())
    @Controller()
    class Derived extends Base {}
    @Plugin({ pluginId: 'a', controllers: [Derived] })
    class A {}

    expect(await codesIn([A])).to.deep.equal([]);
  });

  it('of a method that was overridden without its route is told', async () => {
    class Base {
      @Get('/x')
      read(): string {
        return 'x';
      }
    }
    @Controller()
    class Derived extends Base {
      @Use((_, next) => next())
      override read(): string {
        return 'y';
      }
    }
    @Plugin({ pluginId: 'a', controllers: [Derived] })
    class A {}

    expect(await codesIn([A])).to.deep.equal(['MIDDLEWARE_WITHOUT_ROUTE']);
  });
});

describe('A class of another copy of the framework', () => {
  const { Plugin: PluginOfCopy, Controller: ControllerOfCopy, Injectable: InjectableOfCopy } = copy;

  it('is told as such and not as undecorated, given by itself or in a module', async () => {
    class CopiedPlugin {}
    PluginOfCopy({ pluginId: 'copied' })(CopiedPlugin);

    expect(await codesIn([CopiedPlugin])).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
    expect(await codesIn([{ __esModule: true, CopiedPlugin }])).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
  });

  it('is told as such wherever it is named', async () => {
    class CopiedHelper {}
    InjectableOfCopy()(CopiedHelper);
    class CopiedController {}
    ControllerOfCopy()(CopiedController);
    const copiedRef = copy.createServiceRef<object>({ id: 'acme.copied' });
    class CopiedConfig extends copy.configOf('user', {
      '~standard': { version: 1, vendor: 'x', validate: value => ({ value: value as object }) },
    }) {}
    for (const token of [CopiedHelper, copiedRef, CopiedConfig]) {
      class User {}
      (Inject(token as never) as ParameterDecorator)(User, undefined, 0);
      Plugin({ pluginId: 'user' })(User);

      expect(await codesIn([User])).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
    }
    @Plugin({ pluginId: 'lists', controllers: [CopiedController], extensionPoints: [CopiedHelper] })
    class Lists {}
    class Implementation {}
    (Service({ implements: copiedRef as never }) as ClassDecorator)(Implementation);

    expect(await codesIn([Lists])).to.deep.equal(['TWO_FRAMEWORK_COPIES', 'TWO_FRAMEWORK_COPIES']);
    expect(await codesIn([Implementation])).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
  });

  it('is told with both copies', async () => {
    class CopiedPlugin {}
    PluginOfCopy({ pluginId: 'copied' })(CopiedPlugin);

    const { path } = await onlyProblemIn([CopiedPlugin]);

    expect(path[1]).to.contain('dist/bundle/');
    expect(path[2]).to.match(/-> started by .*\/dist\/lib\//);
  });
});

describe('A controller', () => {
  it('of a plugin and of its module is told, and not each of its routes', async () => {
    @Controller()
    class Shared {
      @Get('/x', { allow: ['user'] })
      read(): string {
        return 'x';
      }

      @HealthCheck()
      check(): void {}
    }
    @Plugin({ pluginId: 'a', controllers: [Shared] })
    class A {}
    @Module({ pluginId: 'a', moduleId: 'm', controllers: [Shared] })
    class M {}
    @Plugin({ pluginId: 'b', controllers: [Shared] })
    class B {}

    expect(await codesIn([A, M])).to.deep.equal(['DUPLICATE_CONTROLLER']);
    expect(await codesIn([A, B])).to.deep.equal([]);
  });

  it('is what has @Controller and nothing else', async () => {
    @Injectable()
    class Helper {}
    for (const listed of [Helper, Target, undefined, 'StatsController']) {
      class Lists {}
      Plugin({ pluginId: 'a', controllers: [listed as never] })(Lists);

      expect(await codesIn([Lists])).to.deep.equal([
        typeof listed === 'function' ? 'NOT_A_CONTROLLER' : 'UNDEFINED_TOKEN',
      ]);
    }
  });
});
