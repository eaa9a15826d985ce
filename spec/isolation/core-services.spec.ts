import { expect } from 'chai';
import { z } from 'zod';
import type { Class } from '../../decorators/tokens.js';
import { ClassReader } from '../../lib/api/class-record.js';
import { builtInTokens } from '../../lib/backend/built-ins.js';
import { framework } from '../../lib/composition-root.js';
import {
  BackendStatusService,
  HealthCheck,
  Inject,
  LifecycleService,
  LoggerService,
  Plugin,
  PluginMetadataService,
  RootConfigService,
  RootHealthService,
  RootInstanceMetadataService,
  configOf,
  type BackendEvent,
} from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';

/** What is there without an installation that adds to it. */
function implementedTokens(): readonly unknown[] {
  const reader = new ClassReader();
  const implemented = framework.services.map(service => {
    const { role } = reader.read(service);
    return role?.kind === 'implementation' ? role.of : service;
  });
  return [...implemented, ...builtInTokens];
}

/** A plugin that asks for everything the framework has. */
function omnivore(): Class<{ readonly given: readonly object[] }> {
  class Omnivore {
    readonly given: readonly object[];
    constructor(...given: readonly object[]) {
      this.given = given;
    }
  }
  implementedTokens().forEach((token, index) => Inject(token as never)(Omnivore, undefined, index as never));
  // It alone may inject UserTokenIssuer.
  Plugin({ pluginId: 'auth' })(Omnivore);
  return Omnivore;
}

/** The prototypes of an object up to, and without, `Object.prototype`. */
function prototypesOf(value: object): object[] {
  const parent = Object.getPrototypeOf(value) as object | null;
  return parent === null || parent === Object.prototype ? [] : [parent, ...prototypesOf(parent)];
}

function methodsOf(source: object): string[] {
  const names = Object.getOwnPropertyNames(source).filter(name => name !== 'constructor');
  return names.filter(name => typeof Object.getOwnPropertyDescriptor(source, name)!.value === 'function');
}

describe('The core services', () => {
  let backend: TestBackend;
  let given: readonly object[];

  before(async () => {
    const Omnivore = omnivore();
    backend = await TestBackend.start({
      features: [Omnivore],
      config: { auth: { section: { a: [1] }, sections: [{ a: 1 }] } },
    });
    given = backend.get(Omnivore, { pluginId: 'auth' }).given;
  });

  after(() => backend.stop());

  function ofType<T extends object>(token: abstract new (...args: never[]) => T): T {
    return given.find((service): service is T => service instanceof token)!;
  }

  function alsoGiven(): object[] {
    const config = ofType(RootConfigService);
    const section = config.getConfig('auth');
    return [section, section.getConfigArray('sections')[0]!, ofType(LoggerService).child({ a: 1 })];
  }

  it('I11 are of classes that nobody can patch: their prototypes are frozen, or have no methods', () => {
    const open = [...given, ...alsoGiven()].flatMap(service =>
      prototypesOf(service).flatMap(prototype => (Object.isFrozen(prototype) ? [] : methodsOf(prototype))),
    );

    expect(open, 'write static { Object.freeze(this.prototype); } in the class').to.deep.equal([]);
  });

  it('I11 refuse to have a method replaced', () => {
    for (const service of [...given, ...alsoGiven()]) {
      const [name] = [service, ...prototypesOf(service)].flatMap(methodsOf);
      if (name === undefined) continue;
      expect(() => ((service as Record<string, unknown>)[name] = () => {}), name).to.throw(TypeError);
    }
  });

  it('I11 show what their tokens declare, and not how the backend writes it', () => {
    const status = ofType(BackendStatusService) as object;
    const instance = ofType(RootInstanceMetadataService) as object;

    expect(status).to.not.have.any.keys('enter', 'enterPlugin', 'emit');
    expect(['enter', 'enterPlugin', 'emit'].filter(name => name in status)).to.deep.equal([]);
    expect(Object.getOwnPropertyNames(instance).toSorted()).to.deep.equal(['getInstalledPlugins', 'mode', 'root']);
  });

  it('I11 cannot be made to take a plugin for another', () => {
    const metadata = ofType(PluginMetadataService);

    expect(() => (metadata.getId = () => 'other')).to.throw(TypeError);
    expect(() => (Object.getPrototypeOf(metadata).getId = () => 'other')).to.throw(TypeError);
    expect(metadata.getId()).to.equal('auth');
  });

  it('I11 give copies of the configuration', () => {
    const config = ofType(RootConfigService);

    const read = config.get('auth.section') as { a: number[] };
    read.a.push(2);

    expect(config.get('auth.section')).to.deep.equal({ a: [1] });
  });

  it('I11 give what is installed as frozen data', () => {
    const plugins = ofType(RootInstanceMetadataService).getInstalledPlugins() as unknown as { modules: unknown[] }[];

    expect(() => plugins.pop()).to.throw(TypeError);
    expect(() => plugins[0]!.modules.push({})).to.throw(TypeError);
    expect(() => (plugins[0]!.modules = [])).to.throw(TypeError);
  });

  it('I11 give the state of a plugin as frozen data, and lists of it as copies', () => {
    const status = ofType(BackendStatusService);

    expect(Object.isFrozen(status.plugin('auth'))).to.equal(true);
    (status.plugins() as unknown[]).length = 0;

    expect(status.plugins()).to.have.length(1);
  });
});

describe('What happens to a backend', () => {
  it('I11 is told to each listener as it was, whatever another did to it', async () => {
    const seen: BackendEvent[] = [];
    @Plugin({ pluginId: 'tamperer' })
    class Tamperer {
      constructor(status: BackendStatusService) {
        status.subscribe(event => Object.assign(event, { type: 'warning', message: 'forged' }));
      }
    }
    @Plugin({ pluginId: 'victim' })
    class Victim {
      constructor(status: BackendStatusService) {
        status.subscribe(event => seen.push(event));
      }
    }
    await using _backend = await TestBackend.start({ features: [Tamperer, Victim] });

    expect(seen.map(event => event.type))
      .to.include('plugin-started')
      .and.not.include('warning');
    expect(seen.every(event => Object.isFrozen(event))).to.equal(true);
  });

  it('I11 ends to be told to a plugin once that has stopped', async () => {
    const seen: string[] = [];
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(status: BackendStatusService) {
        status.subscribe(event => event.type === 'backend-phase' && seen.push(event.phase));
      }
    }
    const backend = await TestBackend.start({ features: [PluginA] });

    await backend.stop();

    expect(seen).to.deep.equal(['ready', 'stopping']);
  });
});

describe('The result of a health check', () => {
  it('I11 is the same for all who ask, whatever one did to it', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly health: RootHealthService) {}
      @HealthCheck()
      fine(): void {}
    }
    await using backend = await TestBackend.start({ features: [PluginA] });
    const { health } = backend.get(PluginA, { pluginId: 'a' });

    const [plugin] = await health.getPlugins();

    expect(() => Object.assign(plugin!.checks[0]!, { status: 'error' })).to.throw(TypeError);
  });
});

describe('A section of the configuration', () => {
  class Section extends configOf(
    'a',
    z.object({ list: z.array(z.string()).default(['x']), deep: z.object({ n: z.number() }) }),
  ) {}

  it('I11 is frozen in all its depth, and another object for each owner', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly section: Section) {}
    }
    @Plugin({ pluginId: 'b', config: ['a'] })
    class PluginB {
      constructor(readonly section: Section) {}
    }
    await using backend = await TestBackend.start({ features: [PluginA, PluginB], config: { a: { deep: { n: 1 } } } });
    const own = backend.get(PluginA, { pluginId: 'a' }).section;

    expect(own).to.not.equal(backend.get(PluginB, { pluginId: 'b' }).section);
    expect(() => Object.assign(own, { list: [] })).to.throw(TypeError);
    expect(() => own.list.push('y')).to.throw(TypeError);
    expect(() => (own.deep.n = 2)).to.throw(TypeError);
  });
});

describe('The hooks of a plugin', () => {
  it('I11 are its own: a plugin cannot add to those of another', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly lifecycle: LifecycleService) {}
    }
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly lifecycle: LifecycleService) {}
    }
    await using backend = await TestBackend.start({ features: [PluginA, PluginB] });

    expect(backend.get(PluginA, { pluginId: 'a' }).lifecycle).to.not.equal(
      backend.get(PluginB, { pluginId: 'b' }).lifecycle,
    );
  });
});
