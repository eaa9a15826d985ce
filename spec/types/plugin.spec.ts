import { expect } from 'chai';
import { Controller, ExtensionPoint, Plugin } from '../../decorators/index.js';
import { roleOf } from './role-of.js';

@Controller()
class HelloController {}

@ExtensionPoint({ pluginId: 'hello', id: 'greetings' })
abstract class Greetings {}

@ExtensionPoint({ implements: Greetings })
class GreetingRegistry extends Greetings {}

describe('the types of @Plugin', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Plugin({
      pluginId: 'hello',
      controllers: [HelloController],
      extensionPoints: [GreetingRegistry],
      config: ['greetings'],
    })
    class HelloPlugin {
      constructor(private readonly greetings: GreetingRegistry) {}
      async init(): Promise<void> {}
      shutdown(): unknown {
        return this.greetings;
      }
    }

    @Plugin({ pluginId: 'patient' })
    class PatientPlugin {
      init(attempts = 3): number {
        return attempts;
      }
    }

    expect([roleOf(HelloPlugin), roleOf(PatientPlugin), new PatientPlugin().init()]).to.deep.equal([
      'plugin',
      'plugin',
      3,
    ]);
  });

  it('take a class with neither init() nor shutdown()', () => {
    @Plugin({ pluginId: 'empty' })
    class EmptyPlugin {}

    @Plugin({ pluginId: 'other' })
    class OtherPlugin {
      hello(): string {
        return 'hello';
      }
    }

    expect([roleOf(EmptyPlugin), roleOf(OtherPlugin)]).to.deep.equal(['plugin', 'plugin']);
  });

  it('refuse an init() or shutdown() the framework could not call', () => {
    // @ts-expect-error -- the framework calls init() without arguments
    @Plugin({ pluginId: 'wanting' })
    class WantingPlugin {
      init(name: string): string {
        return name;
      }
    }

    // @ts-expect-error -- the framework calls shutdown() without arguments
    @Plugin({ pluginId: 'lingering' })
    class LingeringPlugin {
      shutdown(reason: string): string {
        return reason;
      }
    }

    // @ts-expect-error -- init is no method
    @Plugin({ pluginId: 'fixed' })
    class FixedPlugin {
      readonly init = true;
    }

    // @ts-expect-error -- the framework calls what is public
    @Plugin({ pluginId: 'hidden' })
    class HiddenPlugin {
      protected init(): void {}
    }

    const roles = [WantingPlugin, LingeringPlugin, FixedPlugin, HiddenPlugin].map(roleOf);
    expect(roles).to.deep.equal(Array(4).fill('plugin'));
  });

  it('refuse an abstract class', () => {
    // @ts-expect-error -- nobody can construct it
    @Plugin({ pluginId: 'abstract' })
    abstract class AbstractPlugin {}

    expect(roleOf(AbstractPlugin)).to.equal('plugin');
  });

  it('refuse a missing pluginId and an unknown option', () => {
    // @ts-expect-error -- a plugin has an id
    @Plugin({})
    class NamelessPlugin {}

    // @ts-expect-error -- it is called pluginId
    @Plugin({ pluginId: 'double', id: 'double' })
    class DoublePlugin {}

    expect([NamelessPlugin, DoublePlugin].map(roleOf)).to.deep.equal(['plugin', 'plugin']);
  });

  it('refuse instances and abstract classes where classes are named', () => {
    // @ts-expect-error -- the framework constructs the controllers
    @Plugin({ pluginId: 'busy', controllers: [new HelloController()] })
    class BusyPlugin {}

    // @ts-expect-error -- the declaration is not the implementation
    @Plugin({ pluginId: 'hello', extensionPoints: [Greetings] })
    class UnfinishedPlugin {}

    expect([BusyPlugin, UnfinishedPlugin].map(roleOf)).to.deep.equal(['plugin', 'plugin']);
  });
});
