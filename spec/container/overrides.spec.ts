import { expect } from 'chai';
import { ExtensionPoint, Inject, Injectable, Module, Plugin, Service, createServiceRef } from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

@Service({ id: 'acme.clock', scope: 'root', default: () => SystemClock })
abstract class Clock {
  abstract now(): number;
}

@Service({ implements: Clock })
class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}

class FixedClock extends Clock {
  now(): number {
    return 42;
  }
}

@Service({ id: 'acme.greeter', scope: 'plugin' })
class Greeter {
  greet(): string {
    return 'hello';
  }
}

@Service({ id: 'acme.voice', scope: 'plugin' })
class Voice {
  constructor(readonly greeter: Greeter) {}

  speak(): string {
    return this.greeter.greet();
  }
}

@Injectable()
class Store {
  read(): string {
    return 'stored';
  }
}

class EmptyStore extends Store {
  override read(): string {
    return 'empty';
  }
}

@ExtensionPoint({ pluginId: 'catalog', id: 'names' })
abstract class Names {
  abstract add(name: string): void;
}

@ExtensionPoint({ implements: Names })
class NameList extends Names {
  readonly names: string[] = [];

  add(name: string): void {
    this.names.push(name);
  }
}

@Plugin({ pluginId: 'catalog', extensionPoints: [NameList] })
class CatalogPlugin {
  constructor(
    readonly clock: Clock,
    readonly voice: Voice,
    readonly store: Store,
    readonly names: NameList,
  ) {}
}

@Module({ pluginId: 'catalog', moduleId: 'namer' })
class NamerModule {
  constructor(private readonly names: Names) {}

  init(): void {
    this.names.add('namer');
  }
}

@Plugin({ pluginId: 'search' })
class SearchPlugin {
  constructor(
    readonly voice: Voice,
    readonly store: Store,
  ) {}
}

const features = [CatalogPlugin, NamerModule, SearchPlugin];

describe('An override in a test', () => {
  it('puts a value in the place of a root service, and everybody gets that very object', async () => {
    const clock = new FixedClock();
    await using backend = await TestBackend.start({ features, overrides: [override(Clock).withValue(clock)] });

    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).clock).to.equal(clock);
    expect(backend.get(Clock)).to.equal(clock);
  });

  it('puts a class in the place of a service, and injects what that needs', async () => {
    class Parrot extends Voice {
      constructor(@Inject(Clock) private readonly clock: Clock) {
        super({ greet: () => 'never' });
      }
      override speak(): string {
        return `it is ${this.clock.now()}`;
      }
    }
    const overrides = [override(Voice).withClass(Parrot), override(Clock).withClass(FixedClock)];
    await using backend = await TestBackend.start({ features, overrides });

    expect(backend.get(SearchPlugin, { pluginId: 'search' }).voice.speak()).to.equal('it is 42');
  });

  it('puts what a factory makes in the place of a service, and gives the factory what it asks for', async () => {
    const factory = async (greeter: Greeter) => ({ greeter, speak: () => greeter.greet().toUpperCase() }) as Voice;
    await using backend = await TestBackend.start({
      features,
      overrides: [override(Voice).withFactory(factory, [Greeter])],
    });

    expect(backend.get(SearchPlugin, { pluginId: 'search' }).voice.speak()).to.equal('HELLO');
  });

  it('reaches those who depend on the service indirectly', async () => {
    const greeter = { greet: () => 'moin' };
    await using backend = await TestBackend.start({ features, overrides: [override(Greeter).withValue(greeter)] });

    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).voice.speak()).to.equal('moin');
  });

  it('is limited to one plugin by for()', async () => {
    const overrides = [
      override(Greeter)
        .withValue({ greet: () => 'moin' })
        .for({ pluginId: 'catalog' }),
    ];
    await using backend = await TestBackend.start({ features, overrides });

    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).voice.speak()).to.equal('moin');
    expect(backend.get(SearchPlugin, { pluginId: 'search' }).voice.speak()).to.equal('hello');
  });

  it('for one plugin is stronger than one for all', async () => {
    const overrides = [
      override(Greeter)
        .withValue({ greet: () => 'moin' })
        .for({ pluginId: 'catalog' }),
      override(Greeter).withValue({ greet: () => 'hi' }),
    ];
    await using backend = await TestBackend.start({ features, overrides });

    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).voice.speak()).to.equal('moin');
    expect(backend.get(SearchPlugin, { pluginId: 'search' }).voice.speak()).to.equal('hi');
  });

  it('of a root service cannot be for one plugin', async () => {
    const overrides = [override(Clock).withClass(FixedClock).for({ pluginId: 'catalog' })];

    const problems = await startupProblems(TestBackend.start({ features, overrides }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['PLUGINS_ON_ROOT_SERVICE']);
  });

  it('puts something in the place of a private class, for every owner', async () => {
    const overrides = [override(Store).withClass(EmptyStore)];
    await using backend = await TestBackend.start({ features, overrides });

    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).store.read()).to.equal('empty');
    expect(backend.get(SearchPlugin, { pluginId: 'search' }).store.read()).to.equal('empty');
    expect(backend.get(Store, { pluginId: 'catalog' })).to.not.equal(backend.get(Store, { pluginId: 'search' }));
  });

  it('puts something in the place of a private class of one plugin', async () => {
    const store = new EmptyStore();
    const overrides = [override(Store).withValue(store).for({ pluginId: 'search' })];
    await using backend = await TestBackend.start({ features, overrides });

    expect(backend.get(SearchPlugin, { pluginId: 'search' }).store).to.equal(store);
    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).store.read()).to.equal('stored');
  });

  it('gives the factory of a private class what it asks for', async () => {
    const factory = (voice: Voice) => ({ read: () => voice.speak() });
    const overrides = [override(Store).withFactory(factory, [Voice])];
    await using backend = await TestBackend.start({ features, overrides });

    expect(backend.get(SearchPlugin, { pluginId: 'search' }).store.read()).to.equal('hello');
  });

  it('puts a value in the place of an extension point, and modules call that', async () => {
    const names = new NameList();
    await using backend = await TestBackend.start({ features, overrides: [override(Names).withValue(names)] });

    expect(names.names).to.deep.equal(['namer']);
    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).names).to.equal(names);
  });

  it('puts what a factory makes in the place of an extension point, and gives the factory what it asks for', async () => {
    class Prefixed extends NameList {
      constructor(readonly voice: Voice) {
        super();
      }
      override add(name: string): void {
        super.add(`${this.voice.speak()} ${name}`);
      }
    }
    const overrides = [override(Names).withFactory(voice => new Prefixed(voice), [Voice])];
    await using backend = await TestBackend.start({ features, overrides });

    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).names.names).to.deep.equal(['hello namer']);
  });

  it('puts a class in the place of the implementation of an extension point', async () => {
    class Shouting extends NameList {
      override add(name: string): void {
        super.add(name.toUpperCase());
      }
    }
    await using backend = await TestBackend.start({ features, overrides: [override(NameList).withClass(Shouting)] });

    expect(backend.get(CatalogPlugin, { pluginId: 'catalog' }).names.names).to.deep.equal(['NAMER']);
  });

  it('stands in for the extension point of a plugin that is not there', async () => {
    const names = new NameList();
    await using _backend = await TestBackend.start({ features: [NamerModule], extensionPoints: [[Names, names]] });

    expect(names.names).to.deep.equal(['namer']);
  });

  it('of something made by createServiceRef works alike', async () => {
    const tariffRef = createServiceRef<{ price: number }>({ id: 'acme.tariff', scope: 'root' });
    @Plugin({ pluginId: 'billing' })
    class BillingPlugin {
      constructor(@Inject(tariffRef) readonly tariff: { price: number }) {}
    }
    const value = { price: 3 };
    await using backend = await TestBackend.start({
      features: [BillingPlugin],
      overrides: [override(tariffRef).withValue(value)],
    });

    expect(backend.get(BillingPlugin, { pluginId: 'billing' }).tariff).to.equal(value);
  });

  it('does not construct what it replaces', async () => {
    let constructed = 0;
    @Service({ implements: Clock })
    class CountedClock extends SystemClock {
      constructor() {
        super();
        constructed++;
      }
    }
    await using _backend = await TestBackend.start({
      features: [...features, CountedClock],
      overrides: [override(Clock).withClass(FixedClock)],
    });

    expect(constructed).to.equal(0);
  });
});
