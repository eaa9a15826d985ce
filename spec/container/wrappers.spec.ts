import { expect } from 'chai';
import { ExtensionPoint, Inject, LoggerService, Module, Plugin, Service } from '../../lib/index.js';
import { TestBackend, mockServices, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

@Service({ id: 'acme.line', scope: 'plugin' })
class Line {
  text(): string {
    return 'x';
  }
}

@Service({ id: 'acme.root-line', scope: 'root' })
class RootLine {
  text(): string {
    return 'x';
  }
}

@Service({ wraps: Line })
class Round extends Line {
  constructor(private readonly inner: Line) {
    super();
  }
  override text(): string {
    return `(${this.inner.text()})`;
  }
}

@Service({ wraps: Line })
class Square extends Line {
  constructor(private readonly inner: Line) {
    super();
  }
  override text(): string {
    return `[${this.inner.text()}]`;
  }
}

@Service({ wraps: Line, plugins: ['b'] })
class OnlyB extends Line {
  constructor(private readonly inner: Line) {
    super();
  }
  override text(): string {
    return `b:${this.inner.text()}`;
  }
}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(readonly line: Line) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(readonly line: Line) {}
}

async function linesWith(features: readonly unknown[], overrides: Parameters<typeof TestBackend.start>[0] = {}) {
  await using backend = await TestBackend.start({ features: [PluginA, PluginB, ...features], ...overrides });
  return {
    a: backend.get(PluginA, { pluginId: 'a' }).line.text(),
    b: backend.get(PluginB, { pluginId: 'b' }).line.text(),
  };
}

describe('Wrappers of a service', () => {
  it('stand in front of what implements it', async () => {
    expect(await linesWith([Round])).to.deep.equal({ a: '(x)', b: '(x)' });
  });

  it('apply in the order of features: the last is the outermost', async () => {
    expect(await linesWith([Round, Square])).to.deep.equal({ a: '[(x)]', b: '[(x)]' });
    expect(await linesWith([Square, Round])).to.deep.equal({ a: '([x])', b: '([x])' });
  });

  it('apply only in the plugins they name, in their place of the order', async () => {
    expect(await linesWith([Round, OnlyB, Square])).to.deep.equal({ a: '[(x)]', b: '[b:(x)]' });
  });

  it('stand in front of whatever implementation is chosen', async () => {
    @Service({ implements: Line })
    class Other extends Line {
      override text(): string {
        return 'y';
      }
    }

    expect(await linesWith([Round, Other])).to.deep.equal({ a: '(y)', b: '(y)' });
  });

  it('are replaced with all the rest by an override of a test', async () => {
    const overrides = [override(Line).withValue({ text: () => 'test' })];

    expect(await linesWith([Round, Square], { overrides })).to.deep.equal({ a: 'test', b: 'test' });
  });

  it('are replaced only in the plugin that the override is for', async () => {
    const overrides = [
      override(Line)
        .withValue({ text: () => 'test' })
        .for({ pluginId: 'a' }),
    ];

    expect(await linesWith([Round], { overrides })).to.deep.equal({ a: 'test', b: '(x)' });
  });

  it('receive what else they ask for', async () => {
    @Service({ wraps: Line })
    class Logged extends Line {
      constructor(
        private readonly inner: Line,
        private readonly logger: LoggerService,
      ) {
        super();
      }
      override text(): string {
        this.logger.info('asked');
        return this.inner.text();
      }
    }
    const logger = mockServices.logger();

    await linesWith([Logged], { overrides: [override(LoggerService).withValue(logger)] });

    expect(logger.messages('info')).to.deep.equal(['asked', 'asked']);
  });

  it('wrap a root service once, for everybody', async () => {
    const seen: RootLine[] = [];
    @Service({ wraps: RootLine })
    class RootRound extends RootLine {
      constructor(private readonly inner: RootLine) {
        super();
        seen.push(inner);
      }
      override text(): string {
        return `(${this.inner.text()})`;
      }
    }
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(readonly line: RootLine) {}
    }
    @Plugin({ pluginId: 'd' })
    class PluginD {
      constructor(readonly line: RootLine) {}
    }
    await using backend = await TestBackend.start({ features: [PluginC, PluginD, RootRound] });

    expect(backend.get(PluginC, { pluginId: 'c' }).line.text()).to.equal('(x)');
    expect(backend.get(PluginD, { pluginId: 'd' }).line.text()).to.equal('(x)');
    expect(seen).to.have.length(1);
  });

  it('of a root service cannot be for some plugins', async () => {
    @Service({ wraps: RootLine, plugins: ['a'] })
    class Some extends RootLine {
      constructor(readonly inner: RootLine) {
        super();
      }
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginA, RootLine, Some] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['PLUGINS_ON_ROOT_SERVICE']);
  });

  it('of a core service stand in front of the framework’s own', async () => {
    const seen: string[] = [];
    @Service({ wraps: LoggerService })
    class Listening extends LoggerService {
      constructor(private readonly inner: LoggerService) {
        super();
      }
      error = (message: string) => this.inner.error(message);
      warn = (message: string) => this.inner.warn(message);
      info = (message: string) => void seen.push(message);
      debug = (message: string) => this.inner.debug(message);
      child = () => this;
    }
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(logger: LoggerService) {
        logger.info('constructed');
      }
    }
    await using _backend = await TestBackend.start({ features: [PluginC, Listening] });

    expect(seen).to.deep.equal(['constructed']);
  });

  it('that would rather implement what they wrap are a cycle whose fix says so', async () => {
    @Service({ implements: Line })
    class Ring extends Line {
      constructor(@Inject(Line) readonly inner: Line) {
        super();
      }
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginA, Ring] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['DEPENDENCY_CYCLE']);
    expect(problems[0]!.fix).to.include('use wraps');
  });
});

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

@ExtensionPoint({ wraps: Names })
class Upper extends Names {
  constructor(private readonly inner: Names) {
    super();
  }
  add(name: string): void {
    this.inner.add(name.toUpperCase());
  }
}

@ExtensionPoint({ wraps: Names })
class Exclaim extends Names {
  constructor(private readonly inner: Names) {
    super();
  }
  add(name: string): void {
    this.inner.add(`${name}!ß`);
  }
}

@Plugin({ pluginId: 'catalog', extensionPoints: [NameList] })
class CatalogPlugin {
  constructor(readonly names: NameList) {}
}

@Module({ pluginId: 'catalog', moduleId: 'namer' })
class NamerModule {
  constructor(private readonly names: Names) {}
  init(): void {
    this.names.add('a');
  }
}

describe('Wrappers of an extension point', () => {
  async function namesWith(features: readonly unknown[], options = {}): Promise<string[]> {
    await using backend = await TestBackend.start({ features: [CatalogPlugin, NamerModule, ...features], ...options });
    return backend.get(CatalogPlugin, { pluginId: 'catalog' }).names.names;
  }

  it('stand between modules and the implementation', async () => {
    expect(await namesWith([Upper])).to.deep.equal(['A']);
  });

  it('apply in the order of features: the last is the outermost', async () => {
    expect(await namesWith([Upper, Exclaim])).to.deep.equal(['A!SS']);
    expect(await namesWith([Exclaim, Upper])).to.deep.equal(['A!ß']);
  });

  it('are replaced with all the rest by an override of a test', async () => {
    const names = new NameList();

    expect(await namesWith([Upper], { overrides: [override(Names).withValue(names)] })).to.deep.equal(['a']);
  });
});
