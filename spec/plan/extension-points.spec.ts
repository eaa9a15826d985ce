import { expect } from 'chai';
import {
  createExtensionPoint,
  ExtensionPoint,
  Inject,
  Injectable,
  Module,
  Plugin,
  Service,
} from '../../decorators/index.js';
import { ModuleContext } from '../../lib/api/module-context.js';
import { override } from '../../lib/testing/override.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { codesIn, onlyProblemIn } from './plan-problems.js';

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class Processing {
  abstract add(name: string): void;
}

@ExtensionPoint({ implements: Processing })
class Registry extends Processing {
  readonly names: string[] = [];

  add(name: string): void {
    this.names.push(name);
  }
}

@Plugin({ pluginId: 'catalog', extensionPoints: [Registry] })
class Catalog {
  readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }
}

@Plugin({ pluginId: 'catalog' })
class BareCatalog {}

@Plugin({ pluginId: 'search' })
class Search {}

@Injectable()
class UsesProcessing {
  readonly processing: Processing;

  constructor(processing: Processing) {
    this.processing = processing;
  }
}

@Module({ pluginId: 'catalog', moduleId: 'user' })
class User extends UsesProcessing {
  init(): void {
    this.processing.add('user');
  }
}

@Module({ pluginId: 'catalog', moduleId: 'provider', extensionPoints: [Registry] })
class Provider {}

@Module({ pluginId: 'search', moduleId: 'user' })
class ForeignUser extends UsesProcessing {}

@ExtensionPoint({ implements: Processing, perModule: true })
class PerModule extends Registry {
  constructor(readonly context: ModuleContext) {
    super();
  }
}

describe('An extension point', () => {
  it('is used by modules of its plugin, provided by the plugin or by one of them', async () => {
    expect(await codesIn([Catalog, User])).to.deep.equal([]);
    expect(await codesIn([BareCatalog, User, Provider])).to.deep.equal([]);
  });

  it('is used by the plugin itself, by its token and by its class', async () => {
    @Plugin({ pluginId: 'catalog', extensionPoints: [Registry] })
    class ByToken extends UsesProcessing {
      constructor(
        processing: Processing,
        readonly registry: Registry,
      ) {
        super(processing);
      }
    }

    await using backend = await TestBackend.start({ features: [ByToken, User] });
    const plugin = backend.get(ByToken, { pluginId: 'catalog' });

    expect(plugin.registry.names).to.deep.equal(['user']);
    expect(plugin.processing).to.equal(plugin.registry);
  });

  it('that nobody provides is missing, with what was meant', async () => {
    const near = createExtensionPoint<object>({ pluginId: 'catalog', id: 'procesing' });
    class Misspelling {}
    (Inject(near) as ParameterDecorator)(Misspelling, undefined, 0);
    Module({ pluginId: 'catalog', moduleId: 'misspelling' })(Misspelling);

    expect(await codesIn([BareCatalog, User])).to.deep.equal(['MISSING_EXTENSION_POINT']);
    expect((await onlyProblemIn([Catalog, Misspelling])).fix).to.contain("did you mean 'catalog.processing'?");
  });

  it('of another plugin is neither used nor provided', async () => {
    class ForeignProvider {}
    Plugin({ pluginId: 'search', extensionPoints: [Registry] })(ForeignProvider);

    expect(await codesIn([Catalog, Search, ForeignUser])).to.deep.equal(['FOREIGN_EXTENSION_POINT']);
    expect(await codesIn([ForeignProvider])).to.deep.equal(['FOREIGN_EXTENSION_POINT']);
  });

  it('is not used by another plugin through a helper either', async () => {
    @Injectable()
    class Helper extends UsesProcessing {}
    @Plugin({ pluginId: 'search' })
    class Sneaky {
      constructor(readonly helper: Helper) {}
    }

    expect(await codesIn([Catalog, Sneaky])).to.deep.equal(['FOREIGN_EXTENSION_POINT']);
  });

  it('is not used by a service, root or not', async () => {
    for (const scope of ['root', 'plugin'] as const) {
      class UsingService extends UsesProcessing {}
      (Inject(Processing) as ParameterDecorator)(UsingService, undefined, 0);
      Service({ id: 'acme.using', scope })(UsingService);
      class Needs {}
      (Inject(UsingService) as ParameterDecorator)(Needs, undefined, 0);
      Plugin({ pluginId: 'catalog', extensionPoints: [Registry] })(Needs);

      expect(await codesIn([Needs, UsingService]), scope).to.deep.equal(['FOREIGN_EXTENSION_POINT']);
    }
  });

  it('is provided once: by two modules is a problem', async () => {
    @Module({ pluginId: 'catalog', moduleId: 'second', extensionPoints: [Registry] })
    class SecondProvider {}

    expect(await codesIn([BareCatalog, Provider, SecondProvider])).to.deep.equal(['DUPLICATE_EXTENSION_POINT']);
  });

  it('of a module is not used by its plugin, which has to work without', async () => {
    class NeedsItsModule extends UsesProcessing {}
    Plugin({ pluginId: 'catalog' })(NeedsItsModule);

    expect((await onlyProblemIn([NeedsItsModule, Provider])).message).to.contain('for other modules only');
  });

  it('with an instance per module has none for its provider, by its token or by its class', async () => {
    for (const token of [Processing, PerModule]) {
      class UsesOwn {}
      (Inject(token) as ParameterDecorator)(UsesOwn, undefined, 0);
      Plugin({ pluginId: 'catalog', extensionPoints: [PerModule] })(UsesOwn);
      class ModuleUsesOwn {}
      (Inject(token) as ParameterDecorator)(ModuleUsesOwn, undefined, 0);
      Module({ pluginId: 'catalog', moduleId: 'own', extensionPoints: [PerModule] })(ModuleUsesOwn);

      expect(await codesIn([UsesOwn]), token.name).to.deep.equal(['MISSING_EXTENSION_POINT']);
      expect(await codesIn([BareCatalog, ModuleUsesOwn]), token.name).to.deep.equal(['MISSING_EXTENSION_POINT']);
    }
  });

  it('with an instance per module is told of its module, but its helpers are not', async () => {
    @Injectable()
    class Helper {
      constructor(readonly context: ModuleContext) {}
    }
    @ExtensionPoint({ implements: Processing, perModule: true })
    class WithHelper extends Registry {
      constructor(
        readonly context: ModuleContext,
        readonly helper: Helper,
      ) {
        super();
      }
    }
    class PerModuleCatalog {}
    Plugin({ pluginId: 'catalog', extensionPoints: [PerModule] })(PerModuleCatalog);
    class HelpedCatalog {}
    Plugin({ pluginId: 'catalog', extensionPoints: [WithHelper] })(HelpedCatalog);

    expect(await codesIn([PerModuleCatalog, User])).to.deep.equal([]);
    expect((await onlyProblemIn([HelpedCatalog, User])).fix).to.contain('perModule: true');
  });

  it('that is listed but implements none is told', async () => {
    class Undecorated {}
    for (const listed of [Undecorated, User, Processing, undefined]) {
      class Lists {}
      Plugin({ pluginId: 'catalog', extensionPoints: [listed as never] })(Lists);

      expect(await codesIn([Lists])).to.deep.equal([listed ? 'NOT_AN_EXTENSION_POINT' : 'UNDEFINED_TOKEN']);
    }
  });
});

describe('A stand-in for an extension point', () => {
  const standIn = { add: () => {} };

  it('is what a module gets that is tested without its plugin', async () => {
    const added: string[] = [];
    const recording = { add: (name: string) => void added.push(name) };

    await using backend = await TestBackend.start({ features: [User], extensionPoints: [[Processing, recording]] });

    expect(backend.result.outcome).to.equal('success');
    expect(added).to.deep.equal(['user']);
  });

  it('is what a module gets in the place of that of its plugin', async () => {
    expect(await codesIn([Catalog, User], { extensionPoints: [[Processing, standIn]] })).to.deep.equal([]);
  });

  it('may be made by a factory of other things', async () => {
    const added: string[] = [];
    const ofContext = override(Processing).withFactory(() => ({ add: (name: string) => void added.push(name) }), []);

    await using backend = await TestBackend.start({ features: [User], overrides: [ofContext] });

    expect(backend.result.outcome).to.equal('success');
    expect(added).to.deep.equal(['user']);
  });

  it('that no module uses is a problem', async () => {
    expect(await codesIn([Search], { extensionPoints: [[Processing, standIn]] })).to.deep.equal(['UNUSED_OVERRIDE']);

    @Module({ pluginId: 'catalog', moduleId: 'other' })
    class Other {}

    expect(await codesIn([Other], { extensionPoints: [[Processing, standIn]] })).to.deep.equal(['UNUSED_OVERRIDE']);
  });
});
