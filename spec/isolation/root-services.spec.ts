import { expect } from 'chai';
import { Container, ContainerModule } from 'inversify';
import {
  Inject,
  InjectAll,
  Injectable,
  Plugin,
  RootLoggerService,
  Service,
  createServiceRef,
} from '../../lib/index.js';
import { currentAccount } from '../../lib/api/attribution.js';
import type { Problem } from '../../lib/errors/problem.js';
import { TestBackend } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

@Injectable()
class Helper {}

@Service({ id: 'acme.root-one', scope: 'root' })
class RootOne {
  constructor(readonly helper: Helper) {}
}

@Service({ id: 'acme.lazy-root', scope: 'root', eager: false })
class LazyRoot {
  readonly account = currentAccount();
  constructor(readonly helper: Helper) {}
}

@Service({ id: 'acme.own', scope: 'plugin' })
class Own {
  readonly value = 'real';
}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(
    readonly helper: Helper,
    readonly own: Own,
    readonly lazy: LazyRoot,
  ) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(
    readonly helper: Helper,
    readonly own: Own,
    readonly lazy: LazyRoot,
  ) {}
}

const a = { pluginId: 'a' };
const b = { pluginId: 'b' };

describe('A root service', () => {
  it('I1 never gets what belongs to the plugin that needs it first', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, PluginB, RootOne] });
    const helpers = [
      backend.get(RootOne).helper,
      backend.get(LazyRoot).helper,
      backend.get(PluginA, a).helper,
      backend.get(PluginB, b).helper,
    ];

    expect(new Set(helpers).size).to.equal(4);
  });

  it('I1 that is made for a plugin is not made on the account of that plugin', async () => {
    await using backend = await TestBackend.start({ features: [PluginA] });

    expect(backend.get(LazyRoot).account).to.equal(undefined);
  });

  it('I1 that depends on a plugin service is a problem of the plan', async () => {
    @Service({ id: 'acme.greedy', scope: 'root' })
    class Greedy {
      constructor(readonly own: Own) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginA, Greedy] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['ROOT_NEEDS_PLUGIN_SERVICE']);
    expect(problems[0]!.message).to.include('acme.own').and.include('acme.greedy');
  });

  it('I1 that depends on a plugin service through a private class is a problem of the plan', async () => {
    @Injectable()
    class Middleman {
      constructor(readonly own: Own) {}
    }
    @Service({ id: 'acme.greedy', scope: 'root' })
    class Greedy {
      constructor(readonly middleman: Middleman) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginA, Greedy] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['ROOT_NEEDS_PLUGIN_SERVICE']);
  });

  it('I2 is one instance for all: there is no kind of root service that is made anew for who asks', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, PluginB] });

    expect(backend.get(PluginA, a).lazy).to.equal(backend.get(PluginB, b).lazy);
    expect(backend.get(PluginA, a).lazy.helper).to.equal(backend.get(LazyRoot).helper);
  });

  async function problemOfAskingFor(token: unknown): Promise<Problem> {
    @Plugin({ pluginId: 'c' })
    class Curious {
      constructor(@Inject(token as never) readonly thing: unknown) {}
    }
    const problems = await startupProblems(TestBackend.start({ features: [Curious] }));
    expect(problems).to.have.length(1);
    return problems[0]!;
  }

  it('I4 nobody gets the container: it is a problem that names the class', async () => {
    const { code, message } = await problemOfAskingFor(Container);

    expect(code).to.equal('UNDECORATED_CLASS');
    expect(message).to.include('class Curious').and.include('class Container');
  });

  it('I4 nobody gets anything else of inversify either', async () => {
    expect((await problemOfAskingFor(ContainerModule)).code).to.equal('UNDECORATED_CLASS');
  });

  it('I4 nor does a factory of inversify get in as a feature', async () => {
    const problems = await startupProblems(TestBackend.start({ features: [new ContainerModule(() => {})] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['NOT_A_FEATURE']);
  });
});

class Options {
  retries = 3;
}

@Service({ id: 'acme.settings', scope: 'root' })
class Settings {
  level = 'info';
  readonly options = { timeout: 1, hosts: ['a'] };
  readonly ofAClass = new Options();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  increase(): this {
    this.#count++;
    return this;
  }

  describe(): string {
    return this.level;
  }

  [Symbol.dispose](): void {
    this.level = 'disposed';
  }
}

const settingsRef = createServiceRef<Settings>({ id: 'acme.settings-ref', scope: 'root' });

@Service({ implements: settingsRef })
class SettingsBehindRef extends Settings {}

@Service({ id: 'acme.rule', scope: 'root', multiton: true })
abstract class Rule {
  abstract name: string;
}

@Service({ implements: Rule })
class FirstRule extends Rule {
  name = 'first';
}

@Plugin({ pluginId: 'tamperer' })
class Tamperer {
  constructor(
    readonly settings: Settings,
    @Inject(settingsRef) readonly byRef: Settings,
    @InjectAll(Rule) readonly rules: Rule[],
    readonly logger: RootLoggerService,
  ) {}
}

@Plugin({ pluginId: 'victim' })
class Victim {
  constructor(
    readonly settings: Settings,
    @InjectAll(Rule) readonly rules: Rule[],
    readonly logger: RootLoggerService,
  ) {}
}

describe('What a plugin is given of a root service', () => {
  let backend: TestBackend;
  let tamperer: Tamperer;
  let victim: Victim;

  beforeEach(async () => {
    backend = await TestBackend.start({ features: [Tamperer, Victim, SettingsBehindRef, FirstRule] });
    tamperer = backend.get(Tamperer, { pluginId: 'tamperer' });
    victim = backend.get(Victim, { pluginId: 'victim' });
  });

  afterEach(() => backend.stop());

  it('I11 refuses assignments to its properties', () => {
    for (const settings of [tamperer.settings, tamperer.byRef]) {
      expect(() => (settings.level = 'silly')).to.throw(TypeError);
    }

    expect(victim.settings.level).to.equal('info');
  });

  it('I11 refuses to have its methods replaced', () => {
    expect(() => (tamperer.settings.describe = () => 'mine')).to.throw(TypeError);
    expect(() => (tamperer.logger.info = () => {})).to.throw(TypeError);
    expect(() => (tamperer.logger.child({}).info = () => {})).to.throw(TypeError);
  });

  it('I11 refuses changes of plain data that its properties lead to', () => {
    const { options } = tamperer.settings;

    expect(() => (options.timeout = 0)).to.throw(TypeError);
    expect(() => options.hosts.push('b')).to.throw(TypeError);
    expect(victim.settings.options).to.deep.equal({ timeout: 1, hosts: ['a'] });
  });

  it('I11 refuses changes of an array of services, and of the services in it', () => {
    expect(() => tamperer.rules.pop()).to.throw(TypeError);
    expect(() => (tamperer.rules[0]!.name = 'mine')).to.throw(TypeError);
    expect(victim.rules.map(rule => rule.name)).to.deep.equal(['first']);
  });

  it('I11 cannot be disposed', () => {
    expect((tamperer.settings as Partial<Disposable>)[Symbol.dispose]).to.equal(undefined);
  });

  it('I11 stays in place where a method returns the service itself', () => {
    const chained = tamperer.settings.increase();

    expect(() => (chained.level = 'silly')).to.throw(TypeError);
    expect(victim.settings.count).to.equal(1);
  });

  it('I11 does not lead to the class behind an abstract token', () => {
    const prototypes: object[] = [];
    for (let p = Object.getPrototypeOf(tamperer.logger) as object; p; p = Object.getPrototypeOf(p) as object)
      prototypes.push(p);

    expect(prototypes.map(prototype => prototype.constructor.name)).to.deep.equal([
      'RootLoggerService',
      'Logger',
      'Object',
    ]);
    expect(prototypes.slice(0, 2).flatMap(prototype => Object.getOwnPropertyNames(prototype))).to.deep.equal([
      'constructor',
      'constructor',
    ]);
  });

  it('I11 keeps its methods where somebody patches the class of a concrete token', () => {
    const original = Settings.prototype.describe;
    try {
      Settings.prototype.describe = () => 'patched';

      expect(victim.settings.describe()).to.equal('info');
    } finally {
      Settings.prototype.describe = original;
    }
  });

  it('I11 shares what the service itself lets be changed: by its methods, and in objects of classes that it hands out', () => {
    tamperer.settings.increase();
    tamperer.settings.ofAClass.retries = 0;

    expect(victim.settings.count).to.equal(1);
    expect(victim.settings.ofAClass.retries).to.equal(0);
  });
});
