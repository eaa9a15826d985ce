import { expect } from 'chai';
import { createServiceRef, Inject, Injectable, Optional, Plugin, Service } from '../../decorators/index.js';
import { override } from '../../lib/testing/override.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { codesIn, onlyProblemIn, planOf } from './plan-problems.js';

interface Colour {
  name(): string;
}

const colourRef = createServiceRef<Colour>({ id: 'acme.colour' });

@Service({ implements: colourRef, plugins: ['a'] })
class Red implements Colour {
  name(): string {
    return 'red';
  }
}

@Service({ implements: colourRef })
class Grey extends Red {
  override name(): string {
    return 'grey';
  }
}

@Service({ wraps: colourRef, plugins: ['b'] })
class Bright implements Colour {
  constructor(readonly inner: Colour) {}

  name(): string {
    return `bright ${this.inner.name()}`;
  }
}

/** A service in between, which is the same for all plugins, and finds another colour in each. */
@Service({ id: 'acme.painter', scope: 'plugin' })
class Painter {
  constructor(@Inject(colourRef) readonly colour: Colour) {}
}

@Service({ id: 'acme.modest-painter', scope: 'plugin' })
class ModestPainter {
  constructor(@Optional() @Inject(colourRef) readonly colour: Colour | undefined) {}
}

@Service({ id: 'acme.eager-painter', scope: 'plugin', eager: true })
class EagerPainter extends Painter {}

@Injectable()
class Painting {
  readonly painter: Painter;

  constructor(painter: Painter) {
    this.painter = painter;
  }
}

@Plugin({ pluginId: 'a' })
class A extends Painting {}

@Plugin({ pluginId: 'b' })
class B extends Painting {}

@Plugin({ pluginId: 'b' })
class EmptyB {}

describe('An implementation for some plugins', () => {
  it('is missing in the others, where something there needs it in turn', async () => {
    const { code, message, path } = await onlyProblemIn([A, B, Red]);

    expect(code).to.equal('MISSING_SERVICE');
    expect(message).to.contain("in plugin 'b'");
    expect(path.map(step => step.replace(/ \(.*/, ''))).to.deep.equal([
      "in plugin 'b'",
      "-> service 'acme.painter'",
      "-> service 'acme.colour'",
    ]);
  });

  it('is missing in none that does not need it', async () => {
    expect(await codesIn([A, EmptyB, Red])).to.deep.equal([]);
  });

  it('is missing where an eager service needs it, which is made in each plugin', async () => {
    expect(await codesIn([A, EmptyB, Red, EagerPainter])).to.deep.equal(['MISSING_SERVICE']);
  });

  it('stands in front of the one for all', async () => {
    await using backend = await TestBackend.start({ features: [A, B, Red, Grey, Bright] });

    expect(backend.get(A, { pluginId: 'a' }).painter.colour.name()).to.equal('red');
    expect(backend.get(B, { pluginId: 'b' }).painter.colour.name()).to.equal('bright grey');
  });

  it('is named in the plan with its plugins', async () => {
    const { services } = await planOf([A, B, Red, Grey, Bright]);

    expect(services.find(({ id }) => id === 'acme.colour')).to.deep.include({
      providedBy: ["class Red in 'a'", 'class Grey'],
      wrappedBy: ["class Bright in 'b'"],
    });
  });

  it('is undefined in the others, where it is optional', async () => {
    @Injectable()
    class Modest {
      readonly painter: ModestPainter;

      constructor(painter: ModestPainter) {
        this.painter = painter;
      }
    }
    @Plugin({ pluginId: 'a' })
    class ModestA extends Modest {}
    @Plugin({ pluginId: 'b' })
    class ModestB extends Modest {}

    await using backend = await TestBackend.start({ features: [ModestA, ModestB, Red] });

    expect(backend.get(ModestA, { pluginId: 'a' }).painter.colour?.name()).to.equal('red');
    expect(backend.get(ModestB, { pluginId: 'b' }).painter.colour).to.equal(undefined);
  });

  it('closes a cycle in these plugins alone', async () => {
    @Service({ implements: colourRef, plugins: ['a'] })
    class ColourOfThePainter extends Red {
      constructor(readonly painter: Painter) {
        super();
      }
    }

    expect(await codesIn([A, B, Grey, ColourOfThePainter])).to.deep.equal(['DEPENDENCY_CYCLE']);
    expect(await codesIn([EmptyB, Painter, Grey, ColourOfThePainter])).to.deep.equal([]);
  });

  it('of a root service is a problem, as is an override of one', async () => {
    const root = createServiceRef<object>({ id: 'acme.root', scope: 'root' });
    @Service({ implements: root })
    class Root {}
    @Service({ implements: root, plugins: ['a'] })
    class RootForA {}
    @Service({ wraps: root, plugins: ['a'] })
    class WrapperForA {
      constructor(readonly inner: object) {}
    }
    const overrides = [override(root).withValue({}).for({ pluginId: 'a' })];

    expect(await codesIn([RootForA])).to.deep.equal(['PLUGINS_ON_ROOT_SERVICE']);
    expect(await codesIn([Root, WrapperForA])).to.deep.equal(['PLUGINS_ON_ROOT_SERVICE']);
    expect(await codesIn([Root, EmptyA()], { overrides })).to.deep.equal(['PLUGINS_ON_ROOT_SERVICE']);
  });

  it('that is not here is worth a warning, with what was meant', async () => {
    @Service({ implements: colourRef, plugins: ['catalogue'] })
    class Wrong extends Red {}
    @Plugin({ pluginId: 'catalog' })
    class Catalog {}

    const { warnings } = await planOf([Catalog, Wrong]);

    expect(warnings.map(({ code, fix }) => [code, fix])).to.deep.equal([['UNKNOWN_PLUGIN', "did you mean 'catalog'?"]]);
  });
});

function EmptyA(): unknown {
  class Empty {}
  Plugin({ pluginId: 'a' })(Empty);
  return Empty;
}
