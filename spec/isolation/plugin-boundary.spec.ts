import { expect } from 'chai';
import {
  Controller,
  ExtensionPoint,
  Get,
  Inject,
  Injectable,
  LifecycleService,
  LoggerService,
  Module,
  Plugin,
  PluginMetadataService,
  RootLoggerService,
  Service,
  createExtensionPoint,
  createServiceRef,
} from '../../lib/index.js';
import { currentAccount } from '../../lib/api/attribution.js';
import type { Problem } from '../../lib/errors/problem.js';
import { TestBackend, mockServices, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

@Injectable()
class SecretStore {
  secret = 'of nobody';
}

@ExtensionPoint({ pluginId: 'b', id: 'point' })
abstract class PointOfB {
  abstract add(name: string): void;
}

@ExtensionPoint({ implements: PointOfB })
class NamesOfB extends PointOfB {
  readonly names: string[] = [];
  add(name: string): void {
    this.names.push(name);
  }
}

@Controller()
class ControllerOfB {}

@Service({ id: 'acme.scoped', scope: 'plugin' })
class Scoped {
  constructor(readonly plugin: PluginMetadataService) {}
}

@Plugin({ pluginId: 'b', extensionPoints: [NamesOfB], controllers: [ControllerOfB] })
class PluginB {
  constructor(
    readonly store: SecretStore,
    readonly names: NamesOfB,
    readonly scoped: Scoped,
  ) {
    store.secret = 'of b';
  }
}

async function problemsWith(...features: unknown[]): Promise<readonly Problem[]> {
  return startupProblems(TestBackend.start({ features: [PluginB, ...features] }));
}

/** The codes of the problems, each with whether it names all of `words`. */
function codesOf(problems: readonly Problem[], ...words: string[]): string[] {
  return problems.map(({ code, message, path }) => {
    const text = [message, ...path].join('\n');
    return words.every(word => text.includes(word)) ? code : `${code} does not name ${words.join(', ')}: ${text}`;
  });
}

describe('A plugin', () => {
  for (const [what, token] of [
    ['the class of another plugin', PluginB],
    ['a controller of another plugin', ControllerOfB],
    ['an implementation of another plugin’s extension point', NamesOfB],
  ] as const) {
    it(`I5 that asks for ${what} is a problem that names both`, async () => {
      @Plugin({ pluginId: 'a' })
      class PluginA {
        constructor(@Inject(token as never) readonly stolen: unknown) {}
      }

      expect(codesOf(await problemsWith(PluginA), token.name, "'a'")).to.deep.equal(['PRIVATE_CLASS']);
    });
  }

  it('I5 that asks for a private class of another plugin gets an instance of its own', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly store: SecretStore) {}
    }
    await using backend = await TestBackend.start({ features: [PluginB, PluginA] });

    expect(backend.get(PluginA, { pluginId: 'a' }).store.secret).to.equal('of nobody');
  });

  it('I5 that declares a service under the id of another’s is a problem that names both places', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(@Inject(createServiceRef({ id: 'acme.scoped', scope: 'plugin' })) readonly stolen: unknown) {}
    }

    expect(codesOf(await problemsWith(PluginA), 'acme.scoped', 'class Scoped')).to.include('DUPLICATE_ID');
  });

  it('I5 that asks for a service which is not meant for it is a problem that names it', async () => {
    @Service({ id: 'acme.only-b', scope: 'plugin' })
    abstract class OnlyB {
      abstract use(): void;
    }
    @Service({ implements: OnlyB, plugins: ['b'] })
    class OnlyForB extends OnlyB {
      use(): void {}
    }
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly service: OnlyB) {}
    }

    expect(codesOf(await problemsWith(PluginA, OnlyForB), 'acme.only-b', "plugin 'a'")).to.deep.equal([
      'MISSING_SERVICE',
    ]);
  });

  it('I8 that asks for an extension point of another plugin is a problem that names both', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly point: PointOfB) {}
    }

    expect(codesOf(await problemsWith(PluginA), "'b.point'", "'a'", "'b'")).to.deep.equal(['FOREIGN_EXTENSION_POINT']);
  });

  it('I8 that provides an extension point of another plugin is a problem that names both', async () => {
    @ExtensionPoint({ implements: PointOfB })
    class Hijacked extends PointOfB {
      add(): void {}
    }
    @Plugin({ pluginId: 'a', extensionPoints: [Hijacked] })
    class PluginA {}

    expect(codesOf(await problemsWith(PluginA), "'b.point'", "'a'", "'b'")).to.deep.equal(['FOREIGN_EXTENSION_POINT']);
  });

  it('I8 that names an extension point of another plugin by an id of its own making is a problem', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(@Inject(createExtensionPoint({ pluginId: 'b', id: 'point' })) readonly stolen: unknown) {}
    }

    expect(codesOf(await problemsWith(PluginA), "'b.point'")).to.include('FOREIGN_EXTENSION_POINT');
  });

  it('I38 has no way to be given another plugin, but importing its code is not prevented', async () => {
    const accounts: unknown[] = [];
    // What a careless author might export from the package of plugin c.
    const registryOfC: { plugin?: PluginC } = {};
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(private readonly logger: LoggerService) {
        registryOfC.plugin = this;
      }
      work(): void {
        accounts.push(currentAccount()?.pluginId);
        this.logger.info('worked');
      }
    }
    @Plugin({ pluginId: 'd' })
    class PluginD {
      @Get('/work', { allow: 'unauthenticated' })
      work(): string {
        registryOfC.plugin!.work();
        return 'done';
      }
    }
    const logger = mockServices.rootLogger();
    const overrides = [override(RootLoggerService).withValue(logger)];
    await using backend = await TestBackend.start({ features: [PluginC, PluginD], overrides });

    const { status } = await backend.request.get('/api/d/work');

    // The call succeeds. What goes wrong in it is charged to who called; what a service of the callee does, it does as the callee.
    expect(status).to.equal(200);
    expect(accounts).to.deep.equal(['d']);
    expect(logger.entries.find(entry => entry.message === 'worked')!.meta).to.include({ plugin: 'c' });
  });

  it('I38 makes its plugin services for itself: whoever gets hold of one, it stays what it is', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly scoped: Scoped) {}
    }
    await using backend = await TestBackend.start({ features: [PluginB, PluginA] });
    const own = backend.get(PluginA, { pluginId: 'a' }).scoped;
    const foreign = backend.get(PluginB, { pluginId: 'b' }).scoped;

    expect([own.plugin.getId(), foreign.plugin.getId()]).to.deep.equal(['a', 'b']);
  });
});

describe('A module', () => {
  for (const [what, token] of [
    ['the class of its plugin', PluginB],
    ['a controller of its plugin', ControllerOfB],
    ['what implements an extension point of its plugin', NamesOfB],
    ['a private class of its plugin', SecretStore],
  ] as const) {
    it(`I7 that asks for ${what} is a problem that names it`, async () => {
      @Module({ pluginId: 'b', moduleId: 'm' })
      class ModuleOfB {
        constructor(@Inject(token as never) readonly stolen: unknown) {}
      }

      expect(codesOf(await problemsWith(ModuleOfB), token.name, "module 'm' of plugin 'b'")).to.deep.equal([
        'PRIVATE_CLASS',
      ]);
    });
  }

  it('I7 that asks for another module of its plugin is a problem that names both', async () => {
    @Module({ pluginId: 'b', moduleId: 'one' })
    class ModuleOne {}
    @Module({ pluginId: 'b', moduleId: 'two' })
    class ModuleTwo {
      constructor(readonly one: ModuleOne) {}
    }

    expect(codesOf(await problemsWith(ModuleOne, ModuleTwo), "'one'", "'two'")).to.deep.equal(['PRIVATE_CLASS']);
  });

  it('I7 gets the extension points of its plugin, plugin services and root services', async () => {
    @Module({ pluginId: 'b', moduleId: 'm' })
    class ModuleOfB {
      constructor(
        readonly point: PointOfB,
        readonly scoped: Scoped,
        readonly logger: RootLoggerService,
      ) {}
      init(): void {
        this.point.add('m');
      }
    }
    await using backend = await TestBackend.start({ features: [PluginB, ModuleOfB] });

    expect(backend.get(PluginB, { pluginId: 'b' }).names.names).to.deep.equal(['m']);
    expect(backend.get(ModuleOfB, { pluginId: 'b', moduleId: 'm' }).scoped).to.equal(
      backend.get(PluginB, { pluginId: 'b' }).scoped,
    );
  });

  it('I7 gets of an extension point what its token declares, and nothing that could be changed', async () => {
    @Module({ pluginId: 'b', moduleId: 'm' })
    class ModuleOfB {
      constructor(readonly point: PointOfB) {}
    }
    await using backend = await TestBackend.start({ features: [PluginB, ModuleOfB] });
    const point = backend.get(ModuleOfB, { pluginId: 'b', moduleId: 'm' }).point as NamesOfB;

    expect(point).to.be.instanceOf(PointOfB).and.not.instanceOf(NamesOfB);
    expect(() => (point.add = () => {})).to.throw(TypeError);
    expect(() => point.names.push('smuggled')).to.throw(TypeError);
  });

  it('I8 that asks for an extension point of another plugin is a problem that names both', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {}
    @Module({ pluginId: 'a', moduleId: 'm' })
    class ModuleOfA {
      constructor(readonly point: PointOfB) {}
    }

    expect(codesOf(await problemsWith(PluginA, ModuleOfA), "'b.point'", "'a'", "'b'")).to.deep.equal([
      'FOREIGN_EXTENSION_POINT',
    ]);
  });

  it('I10 that uses an extension point once its plugin has started gets an error', async () => {
    @Module({ pluginId: 'b', moduleId: 'm' })
    class ModuleOfB {
      constructor(readonly point: PointOfB) {}
    }
    await using backend = await TestBackend.start({ features: [PluginB, ModuleOfB] });
    const { point } = backend.get(ModuleOfB, { pluginId: 'b', moduleId: 'm' });

    const late = new Promise<unknown>(resolve => {
      setImmediate(() => {
        try {
          resolve(point.add('late'));
        } catch (error) {
          resolve(error);
        }
      });
    });

    expect(await late).to.have.property('code', 'EXTENSION_POINT_CLOSED');
    expect(backend.get(PluginB, { pluginId: 'b' }).names.names).to.deep.equal([]);
  });

  it('I10 cannot use an extension point in a startup hook: its plugin has been initialised by then', async () => {
    @Module({ pluginId: 'b', moduleId: 'm' })
    class ModuleOfB {
      constructor(point: PointOfB, lifecycle: LifecycleService) {
        lifecycle.addStartupHook(() => point.add('late'));
      }
    }

    const problems = await problemsWith(ModuleOfB);

    expect(problems.map(problem => problem.code)).to.deep.equal(['EXTENSION_POINT_CLOSED']);
    expect(problems[0]!.path).to.include("in module 'm' of plugin 'b'");
  });
});
