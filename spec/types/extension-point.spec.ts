import { expect } from 'chai';
import { createExtensionPoint, createServiceRef, ExtensionPoint } from '../../decorators/index.js';
import { roleOf } from './role-of.js';

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class Processing {
  abstract add(name: string): void;
}

interface Sorting {
  sort(names: string[]): string[];
}
const sortingPoint = createExtensionPoint<Sorting>({ pluginId: 'catalog', id: 'sorting' });
const sortingService = createServiceRef<Sorting>({ id: 'catalog.sorting' });

describe('the types of @ExtensionPoint', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @ExtensionPoint({ implements: Processing, perModule: true })
    class ProcessingRegistry extends Processing {
      readonly names: string[] = [];
      override add(name: string): void {
        this.names.push(name);
      }
    }

    @ExtensionPoint({ implements: sortingPoint })
    class Backwards implements Sorting {
      sort(names: string[]): string[] {
        return names.toReversed();
      }
    }

    @ExtensionPoint({ wraps: Processing })
    class LoudProcessing implements Processing {
      constructor(private readonly inner: Processing) {}
      add(name: string): void {
        this.inner.add(name.toUpperCase());
      }
    }

    const registry = new ProcessingRegistry();
    new LoudProcessing(registry).add('github');
    expect(registry.names).to.deep.equal(['GITHUB']);
    expect([Processing, ProcessingRegistry, Backwards, LoudProcessing].map(roleOf)).to.deep.equal([
      'extension-point',
      'extension-point-implementation',
      'extension-point-implementation',
      'wrapper',
    ]);
  });

  it('refuse a declaration without its plugin, without an id, and with an unknown option', () => {
    // @ts-expect-error -- an extension point belongs to a plugin
    @ExtensionPoint({ id: 'processing' })
    abstract class Ownerless {}

    // @ts-expect-error -- an extension point has an id
    @ExtensionPoint({ pluginId: 'catalog' })
    abstract class Nameless {}

    // @ts-expect-error -- an extension point has no scope
    @ExtensionPoint({ pluginId: 'catalog', id: 'processing', scope: 'plugin' })
    abstract class Scoped {}

    expect([Ownerless, Nameless, Scoped].map(roleOf)).to.deep.equal(Array(3).fill('extension-point'));
  });

  it('refuse an implementation that does not fit', () => {
    // @ts-expect-error -- there is no add()
    @ExtensionPoint({ implements: Processing })
    class Silent {}

    // @ts-expect-error -- add() wants something else
    @ExtensionPoint({ implements: Processing })
    class Numeric {
      add(_amount: number): void {}
    }

    // @ts-expect-error -- there is no sort()
    @ExtensionPoint({ implements: sortingPoint })
    class Unsorted {}

    // @ts-expect-error -- nobody can construct it
    @ExtensionPoint({ implements: Processing })
    abstract class Unfinished extends Processing {}

    const roles = [Silent, Numeric, Unsorted, Unfinished].map(roleOf);
    expect(roles).to.deep.equal(Array(4).fill('extension-point-implementation'));
  });

  it('refuse a service, and options of a service', () => {
    // @ts-expect-error -- @Service implements services
    @ExtensionPoint({ implements: sortingService })
    class Backwards implements Sorting {
      sort(names: string[]): string[] {
        return names.toReversed();
      }
    }

    // @ts-expect-error -- an extension point is its plugin's alone
    @ExtensionPoint({ implements: Processing, plugins: ['catalog'] })
    class Elsewhere extends Processing {
      override add(): void {}
    }

    expect([Backwards, Elsewhere].map(roleOf)).to.deep.equal(Array(2).fill('extension-point-implementation'));
  });

  it('refuse a wrapper whose first parameter does not take what it wraps', () => {
    // @ts-expect-error -- the first parameter is something else
    @ExtensionPoint({ wraps: Processing })
    class Swapped implements Processing {
      constructor(readonly inner: Sorting) {}
      add(): void {}
    }

    // @ts-expect-error -- a class that takes nothing wraps nothing
    @ExtensionPoint({ wraps: Processing })
    class Deaf implements Processing {
      add(): void {}
    }

    // @ts-expect-error -- it does not fit what it wraps
    @ExtensionPoint({ wraps: Processing })
    class Silent {
      constructor(readonly inner: Processing) {}
    }

    expect([Swapped, Deaf, Silent].map(roleOf)).to.deep.equal(Array(3).fill('wrapper'));
  });
});
