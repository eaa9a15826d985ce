import { expect } from 'chai';
import { Controller, Injectable, Module, Plugin, RootLoggerService, Service } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';

@Service({ id: 'acme.root-thing', scope: 'root' })
class RootThing {
  readonly id = Symbol('root thing');
}

@Service({ id: 'acme.thing', scope: 'plugin' })
class Thing {
  constructor(readonly root: RootThing) {}
}

@Injectable()
class Helper {
  constructor(readonly thing: Thing) {}
}

@Service({ id: 'acme.helped', scope: 'plugin' })
class Helped {
  constructor(readonly helper: Helper) {}
}

@Service({ implements: Helped, plugins: ['b'] })
class HelpedOfB extends Helped {
  constructor(
    helper: Helper,
    readonly other: Helper,
  ) {
    super(helper);
  }
}

@Controller()
class ControllerOfA {
  constructor(
    readonly helper: Helper,
    readonly thing: Thing,
  ) {}
}

@Plugin({ pluginId: 'a', controllers: [ControllerOfA] })
class PluginA {
  constructor(
    readonly thing: Thing,
    readonly helper: Helper,
    readonly helped: Helped,
    readonly root: RootThing,
  ) {}
}

@Module({ pluginId: 'a', moduleId: 'one' })
class ModuleOne {
  constructor(
    readonly thing: Thing,
    readonly root: RootThing,
  ) {}
}

@Injectable()
class ModuleHelper {}

@Module({ pluginId: 'a', moduleId: 'two' })
class ModuleTwo {
  constructor(
    readonly thing: Thing,
    readonly helper: ModuleHelper,
  ) {}
}

@Module({ pluginId: 'a', moduleId: 'three' })
class ModuleThree {
  constructor(readonly helper: ModuleHelper) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(
    readonly thing: Thing,
    readonly helper: Helper,
    readonly helped: Helped,
    readonly root: RootThing,
  ) {}
}

const features = [PluginA, ModuleOne, ModuleTwo, ModuleThree, PluginB, HelpedOfB];
const a = { pluginId: 'a' };
const b = { pluginId: 'b' };

describe('An instance', () => {
  let backend: TestBackend;

  before(async () => {
    backend = await TestBackend.start({ features });
  });

  after(() => backend.stop());

  it('of a plugin service is the same in a plugin, its modules, its controllers and its private classes', () => {
    const { thing, helper } = backend.get(PluginA, a);

    expect(backend.get(ModuleOne, { ...a, moduleId: 'one' }).thing).to.equal(thing);
    expect(backend.get(ModuleTwo, { ...a, moduleId: 'two' }).thing).to.equal(thing);
    expect(backend.get(ControllerOfA, a).thing).to.equal(thing);
    expect(helper.thing).to.equal(thing);
  });

  it('of a plugin service is another one in another plugin', () => {
    expect(backend.get(PluginA, a).thing).to.not.equal(backend.get(PluginB, b).thing);
  });

  it('of a root service is one for all', () => {
    const seen = [
      backend.get(PluginA, a).root,
      backend.get(ModuleOne, { ...a, moduleId: 'one' }).root,
      backend.get(PluginB, b).root,
    ];

    expect(new Set(seen).size).to.equal(1);
    expect(new Set(seen.map(root => root.id))).to.deep.equal(new Set([backend.get(RootThing).id]));
    expect(backend.get(PluginA, a).thing.root.id).to.equal(backend.get(RootThing).id);
  });

  it('of a private class is one for its owner: a plugin with its controllers', () => {
    expect(backend.get(ControllerOfA, a).helper).to.equal(backend.get(PluginA, a).helper);
  });

  it('of a private class is another one in another plugin', () => {
    expect(backend.get(PluginA, a).helper).to.not.equal(backend.get(PluginB, b).helper);
  });

  it('of a private class is another one in each module', () => {
    const two = backend.get(ModuleTwo, { ...a, moduleId: 'two' }).helper;

    expect(two).to.be.instanceOf(ModuleHelper);
    expect(two).to.not.equal(backend.get(ModuleThree, { ...a, moduleId: 'three' }).helper);
  });

  it('of a private class is another one in each implementation of a service', () => {
    const { helper, helped } = backend.get(PluginA, a);

    expect(helped.helper).to.not.equal(helper);
  });

  it('of a private class is one for a service implementation, however often it asks', () => {
    const helped = backend.get(PluginB, b).helped as HelpedOfB;

    expect(helped).to.be.instanceOf(HelpedOfB);
    expect(helped.helper).to.equal(helped.other);
  });

  it('of a service that a private class of a service asks for is the plugin’s', () => {
    const { helped, thing } = backend.get(PluginA, a);

    expect(helped.helper.thing).to.equal(thing);
  });

  it('belongs to one backend', async () => {
    await using other = await TestBackend.start({ features });

    expect(other.get(RootThing)).to.not.equal(backend.get(RootThing));
    expect(other.get(PluginA, a).thing).to.not.equal(backend.get(PluginA, a).thing);
    expect(other.get(RootLoggerService)).to.not.equal(backend.get(RootLoggerService));
  });
});
