import { expect } from 'chai';
import {
  Controller,
  createServiceRef,
  ExtensionPoint,
  Get,
  Inject,
  Injectable,
  Module,
  Plugin,
  Service,
} from '../../decorators/index.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { codesIn, onlyProblemIn } from './plan-problems.js';

@Injectable()
class Store {}

@Controller()
class StatsController {
  constructor(readonly store: Store) {}

  @Get('/stats')
  stats(): string {
    return 'stats';
  }
}

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class Processing {
  abstract add(): void;
}

@ExtensionPoint({ implements: Processing })
class Registry extends Processing {
  add(): void {}
}

@Plugin({ pluginId: 'catalog', controllers: [StatsController], extensionPoints: [Registry] })
class Catalog {
  constructor(readonly store: Store) {}
}

@Module({ pluginId: 'catalog', moduleId: 'github' })
class Github {}

const ref = createServiceRef<object>({ id: 'acme.thing' });

@Service({ implements: ref })
class Thing {}

@Service({ wraps: ref })
class ThingWrapper {
  constructor(readonly inner: object) {}
}

function pluginThatInjects(token: unknown): unknown {
  class Injecting {}
  (Inject(token as never) as ParameterDecorator)(Injecting, undefined, 0);
  Plugin({ pluginId: 'injecting' })(Injecting);
  return Injecting;
}

function moduleThatInjects(token: unknown): unknown {
  class Injecting {}
  (Inject(token as never) as ParameterDecorator)(Injecting, undefined, 0);
  Module({ pluginId: 'catalog', moduleId: 'injecting' })(Injecting);
  return Injecting;
}

describe('A private class', () => {
  for (const token of [Catalog, Github, StatsController, Registry, Thing, ThingWrapper]) {
    it(`is not injected by another plugin: ${token.name}`, async () => {
      expect(await codesIn([Catalog, Github, Thing, ThingWrapper, pluginThatInjects(token)])).to.deep.equal([
        'PRIVATE_CLASS',
      ]);
    });
  }

  for (const token of [Catalog, StatsController, Registry, Store]) {
    it(`of a plugin is not injected by its module: ${token.name}`, async () => {
      expect(await codesIn([Catalog, moduleThatInjects(token)])).to.deep.equal(['PRIVATE_CLASS']);
    });
  }

  it('of a plugin is not injected by its module through a helper of that', async () => {
    @Injectable()
    class Helper {
      constructor(readonly store: Store) {}
    }

    const { code, path } = await onlyProblemIn([Catalog, moduleThatInjects(Helper)]);

    expect(code).to.equal('PRIVATE_CLASS');
    expect(path.map(step => step.replace(/ \(.*/, ''))).to.deep.equal([
      "in module 'injecting' of plugin 'catalog'",
      '-> class Helper',
      '-> class Store',
    ]);
  });

  it('of two plugins, or of a module alone, has an instance for each', async () => {
    @Module({ pluginId: 'injecting', moduleId: 'alone' })
    class Alone {
      constructor(readonly store: Store) {}
    }
    @Plugin({ pluginId: 'injecting' })
    class Without {}

    await using backend = await TestBackend.start({ features: [Catalog, Without, Alone] });
    const own = backend.get(Catalog, { pluginId: 'catalog' }).store;
    const other = backend.get(Alone, { pluginId: 'injecting', moduleId: 'alone' }).store;

    expect(own).to.be.instanceOf(Store);
    expect(own).not.to.equal(other);
  });

  it('is shared by a plugin and its controllers, which may inject each other', async () => {
    @Controller()
    class Knowing {
      constructor(readonly owner: unknown) {}

      @Get('/')
      index(): string {
        return 'index';
      }
    }
    @Plugin({ pluginId: 'owner', controllers: [Knowing] })
    class Owner {}
    (Inject(Owner) as ParameterDecorator)(Knowing, undefined, 0);

    await using backend = await TestBackend.start({ features: [Owner] });
    const where = { pluginId: 'owner' };

    expect(backend.get(Knowing, where).owner).to.equal(backend.get(Owner, where));
  });

  it('that implements a service is told to be injected by its token', async () => {
    expect((await onlyProblemIn([Thing, pluginThatInjects(Thing)])).fix).to.contain('inject the token');
  });
});
