import { expect } from 'chai';
import { createServiceRef, ExtensionPoint, Inject, Module, Plugin, Service } from '../../decorators/index.js';
import { override } from '../../lib/testing/override.js';
import { codesIn, onlyProblemIn, planOf } from './plan-problems.js';

const ref = createServiceRef<object>({ id: 'acme.thing', scope: 'root' });

@Service({ implements: ref })
class Thing {}

@Service({ wraps: ref })
class First {
  constructor(readonly inner: object) {}
}

@Service({ wraps: ref })
class Second {
  constructor(readonly inner: object) {}
}

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class Processing {
  abstract add(): void;
}

@ExtensionPoint({ implements: Processing })
class Registry extends Processing {
  add(): void {}
}

@ExtensionPoint({ wraps: Processing })
class CheckedProcessing extends Processing {
  constructor(readonly inner: Processing) {
    super();
  }

  add(): void {}
}

@Plugin({ pluginId: 'catalog', extensionPoints: [Registry] })
class CatalogPlugin {}

@Plugin({ pluginId: 'catalog' })
class BareCatalog {}

@Module({ pluginId: 'catalog', moduleId: 'user' })
class UserModule {
  readonly processing: Processing;

  constructor(processing: Processing) {
    this.processing = processing;
  }
}

describe('A wrapper', () => {
  it('stands in front of what is implemented, the last one outermost', async () => {
    const { order, services } = await planOf([Thing, First, Second]);

    expect(services.find(({ id }) => id === 'acme.thing')?.wrappedBy).to.deep.equal(['class First', 'class Second']);
    expect(order.root.filter(title => title.includes('acme.thing'))).to.deep.equal([
      "service 'acme.thing' (class Thing)",
      "service 'acme.thing' (wrapper First)",
      "service 'acme.thing' (wrapper Second)",
    ]);
  });

  it('is replaced with all the others by a test', async () => {
    const { services } = await planOf([Thing, First], { overrides: [override(ref).withValue({})] });

    expect(services.find(({ id }) => id === 'acme.thing')).to.deep.include({
      providedBy: ['override()'],
      wrappedBy: [],
    });
  });

  it('of what nothing implements is a problem', async () => {
    expect(await codesIn([First])).to.deep.equal(['NOTHING_TO_WRAP']);
  });

  it('of what has a default is none, although nobody else needs it', async () => {
    const lazy = createServiceRef<object>({ id: 'acme.lazy', default: () => Promise.resolve({ Lazy }) });
    @Service({ implements: lazy })
    class Lazy {}
    class Wrapper {
      constructor(readonly inner: unknown) {}
    }
    (Service({ wraps: lazy }) as ClassDecorator)(Wrapper);

    expect(await codesIn([Wrapper])).to.deep.equal([]);
  });

  it('of an extension point that nobody provides is a problem', async () => {
    expect(await codesIn([BareCatalog, CheckedProcessing])).to.deep.equal(['NOTHING_TO_WRAP']);
  });

  it('of an extension point of a plugin that is not here is worth a warning', async () => {
    const { warnings } = await planOf([CheckedProcessing]);

    expect(warnings.map(({ code }) => code)).to.deep.equal(['UNKNOWN_PLUGIN']);
  });

  it('of an extension point stands in front of it', async () => {
    const { edges } = await planOf([CatalogPlugin, UserModule, CheckedProcessing]);

    expect(edges).to.deep.include({
      from: "extension point 'catalog.processing' (wrapper CheckedProcessing)",
      to: "extension point 'catalog.processing' (class Registry)",
      in: "plugin 'catalog'",
    });
  });

  it('of a service does not wrap an extension point, nor the other way round', async () => {
    class ServiceWrapper extends CheckedProcessing {}
    (Service({ wraps: Processing as never }) as ClassDecorator)(ServiceWrapper as never);
    class PointWrapper extends First {}
    (ExtensionPoint({ wraps: ref as never }) as ClassDecorator)(PointWrapper as never);

    expect((await onlyProblemIn([CatalogPlugin, ServiceWrapper])).fix).to.contain('@ExtensionPoint({ wraps })');
    expect((await onlyProblemIn([Thing, PointWrapper])).fix).to.contain('@Service({ wraps })');
  });

  it('that names nothing is told to be part of an import cycle', async () => {
    class Wrapper extends First {}
    (Service({ wraps: undefined as never }) as ClassDecorator)(Wrapper as never);

    expect(await codesIn([Wrapper])).to.deep.equal(['UNDEFINED_TOKEN']);
  });

  it('may depend on other things, which are checked', async () => {
    @Service({ wraps: ref })
    class Needy {
      constructor(
        readonly inner: object,
        @Inject(createServiceRef<object>({ id: 'acme.nowhere', scope: 'root' })) readonly other: object,
      ) {}
    }

    expect(await codesIn([Thing, Needy])).to.deep.equal(['MISSING_SERVICE']);
  });
});
