import { expect } from 'chai';
import { Inject, Optional, Plugin, Service } from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

let loads = 0;

@Service({
  id: 'acme.lazy',
  scope: 'root',
  default: () => {
    loads++;
    return import('./default-implementation.fixture.js');
  },
})
export abstract class Lazy {
  abstract name(): string;
}

@Plugin({ pluginId: 'user' })
class UserPlugin {
  constructor(readonly lazy: Lazy) {}
}

@Plugin({ pluginId: 'other' })
class OtherPlugin {}

describe('The default of a declaration', () => {
  beforeEach(() => (loads = 0));

  it('is imported where somebody needs it and nothing else implements the service', async () => {
    await using backend = await TestBackend.start({ features: [UserPlugin] });

    expect(backend.get(UserPlugin, { pluginId: 'user' }).lazy.name()).to.equal('the default');
    expect(loads).to.equal(1);
  });

  it('is not imported where nobody needs it', async () => {
    await using _backend = await TestBackend.start({ features: [OtherPlugin] });

    expect(loads).to.equal(0);
  });

  it('is not imported where something else implements the service', async () => {
    @Service({ implements: Lazy })
    class Ready extends Lazy {
      name(): string {
        return 'ready';
      }
    }
    await using backend = await TestBackend.start({ features: [UserPlugin, Ready] });

    expect(backend.get(UserPlugin, { pluginId: 'user' }).lazy.name()).to.equal('ready');
    expect(loads).to.equal(0);
  });

  it('is not imported where a test overrides the service', async () => {
    const overrides = [override(Lazy).withValue({ name: () => 'test' })];
    await using backend = await TestBackend.start({ features: [UserPlugin], overrides });

    expect(backend.get(UserPlugin, { pluginId: 'user' }).lazy.name()).to.equal('test');
    expect(loads).to.equal(0);
  });

  it('may be the class itself, a concrete one', async () => {
    @Service({ id: 'acme.concrete', scope: 'plugin' })
    class Concrete {
      name(): string {
        return 'itself';
      }
    }
    @Plugin({ pluginId: 'user' })
    class ConcreteUser {
      constructor(readonly concrete: Concrete) {}
    }
    await using backend = await TestBackend.start({ features: [ConcreteUser] });

    expect(backend.get(ConcreteUser, { pluginId: 'user' }).concrete).to.be.instanceOf(Concrete);
  });

  it('may be named by a function, so that it can stand below its declaration', async () => {
    @Service({ id: 'acme.below', scope: 'plugin', default: () => Below })
    abstract class Above {
      abstract name(): string;
    }
    @Service({ implements: Above })
    class Below extends Above {
      name(): string {
        return 'below';
      }
    }
    @Plugin({ pluginId: 'user' })
    class AboveUser {
      constructor(readonly above: Above) {}
    }
    await using backend = await TestBackend.start({ features: [AboveUser] });

    expect(backend.get(AboveUser, { pluginId: 'user' }).above.name()).to.equal('below');
  });

  it('brings the defaults of what it needs itself', async () => {
    @Service({ id: 'acme.inner', scope: 'plugin' })
    class Inner {
      readonly name = 'inner';
    }
    @Service({ id: 'acme.outer', scope: 'plugin' })
    class Outer {
      constructor(readonly inner: Inner) {}
    }
    @Plugin({ pluginId: 'user' })
    class OuterUser {
      constructor(readonly outer: Outer) {}
    }
    await using backend = await TestBackend.start({ features: [OuterUser] });

    expect(backend.get(OuterUser, { pluginId: 'user' }).outer.inner.name).to.equal('inner');
  });

  it('serves a plugin for which no implementation is meant', async () => {
    @Service({ id: 'acme.tone', scope: 'plugin' })
    class Tone {
      name(): string {
        return 'plain';
      }
    }
    @Service({ implements: Tone, plugins: ['user'] })
    class Loud extends Tone {
      override name(): string {
        return 'loud';
      }
    }
    @Plugin({ pluginId: 'user' })
    class LoudUser {
      constructor(readonly tone: Tone) {}
    }
    @Plugin({ pluginId: 'other' })
    class PlainUser {
      constructor(readonly tone: Tone) {}
    }
    await using backend = await TestBackend.start({ features: [LoudUser, PlainUser, Loud] });

    expect(backend.get(LoudUser, { pluginId: 'user' }).tone.name()).to.equal('loud');
    expect(backend.get(PlainUser, { pluginId: 'other' }).tone.name()).to.equal('plain');
  });

  it('that cannot be imported is a problem with the place of the declaration', async () => {
    @Service({
      id: 'acme.broken',
      scope: 'root',
      default: () => Promise.reject(new Error('no such module')),
    })
    abstract class Broken {
      abstract name(): string;
    }
    @Plugin({ pluginId: 'user' })
    class BrokenUser {
      constructor(readonly broken: Broken) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [BrokenUser] }));

    expect(problems.map(problem => problem.code)).to.include('IMPORT_FAILED');
    expect(problems[0]!.path[0]).to.match(/acme\.broken.*default-implementation\.spec\.ts/);
  });

  it('that implements something else is a problem', async () => {
    @Service({ id: 'acme.wrong', scope: 'root', default: () => class Other {} })
    abstract class Wrong {
      abstract name(): string;
    }
    @Plugin({ pluginId: 'user' })
    class WrongUser {
      constructor(readonly wrong: Wrong) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [WrongUser] }));

    expect(problems.map(problem => problem.code)).to.include('INVALID_DEFAULT');
  });

  it('is not missed where the parameter is optional', async () => {
    @Service({ id: 'acme.absent', scope: 'root' })
    abstract class Absent {
      abstract name(): string;
    }
    @Plugin({ pluginId: 'user' })
    class OptionalUser {
      constructor(@Inject(Absent) @Optional() readonly absent: Absent | undefined) {}
    }
    await using backend = await TestBackend.start({ features: [OptionalUser] });

    expect(backend.get(OptionalUser, { pluginId: 'user' }).absent).to.equal(undefined);
  });
});
