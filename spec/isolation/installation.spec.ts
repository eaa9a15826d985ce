import { expect } from 'chai';
import { Backend, LoggerService, Plugin, RootLoggerService, Service } from '../../lib/index.js';
import { discover } from '../../lib/scan/discover.js';
import { MockLogger, TestBackend } from '../../lib/testing/index.js';
import { Link, PackageTree, packageAt } from '../scan/package-tree.js';
import { startupProblems } from '../startup-problems.js';

@Service({ implements: LoggerService })
class Replacement extends MockLogger {}

@Service({ implements: LoggerService })
class SecondReplacement extends MockLogger {}

@Service({ wraps: RootLoggerService })
class Eavesdropper extends MockLogger {
  constructor(readonly inner: RootLoggerService) {
    super();
  }
}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(readonly logger: LoggerService) {}
}

async function codesOf(features: readonly unknown[], config = {}): Promise<string[]> {
  const problems = await startupProblems(TestBackend.start({ features, config }));
  return problems.map(problem => problem.code);
}

describe('A core service', () => {
  it('I46 is not replaced by a class that is only imported', async () => {
    await using backend = await TestBackend.start({ features: [PluginA] });

    expect(backend.get(PluginA, { pluginId: 'a' }).logger).to.not.be.instanceOf(MockLogger);
  });

  it('I46 is replaced by a class that the program names', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, Replacement] });

    expect(backend.get(PluginA, { pluginId: 'a' }).logger).to.be.instanceOf(Replacement);
  });

  it('I46 is neither replaced nor wrapped by what a loader brings', async () => {
    expect(await codesOf([PluginA, () => [Replacement]])).to.deep.equal(['CORE_OVERRIDE_NOT_ALLOWED']);
    expect(await codesOf([PluginA, () => [Eavesdropper]])).to.deep.equal(['CORE_OVERRIDE_NOT_ALLOWED']);
  });

  it('I46 is replaced by what a loader brings where the configuration allows it', async () => {
    const config = { backend: { overrides: { allow: ['core.logger'] } } };
    await using backend = await TestBackend.start({ features: [PluginA, () => [Replacement]], config });

    expect(backend.get(PluginA, { pluginId: 'a' }).logger).to.be.instanceOf(Replacement);
  });

  it('I46 that is replaced twice is a problem that names both', async () => {
    const problems = await startupProblems(TestBackend.start({ features: [PluginA, Replacement, SecondReplacement] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['DUPLICATE_IMPLEMENTATION']);
    expect(problems[0]!.message).to.include('class Replacement').and.include('class SecondReplacement');
  });

  it('I46 cannot be declared anew by anybody else', async () => {
    @Service({ id: 'core.root-config', scope: 'root' })
    class Impostor {}
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly config: Impostor) {}
    }

    expect(await codesOf([PluginB])).to.include('RESERVED_ID');
  });
});

describe('A backend that has started', () => {
  it('I46 takes no more features', async () => {
    const options = {
      features: [PluginA],
      config: { backend: { listen: false, logger: { level: 'error' } } },
    } as const;
    const backend = new Backend({ ...options, mode: 'test' });
    await backend.start();

    expect(() => backend.add(Replacement))
      .to.throw()
      .with.property('code', 'BACKEND_STARTED');
    await backend.stop();
  });

  it('I46 does not look at the list of features again', async () => {
    const features: unknown[] = [PluginA];
    const backend = new Backend({
      features,
      mode: 'test',
      config: { backend: { listen: false, logger: { level: 'error' } } },
    });
    features.push(Replacement);

    const { plugins } = await backend.start();

    expect(plugins.map(plugin => plugin.pluginId)).to.deep.equal(['a']);
    await backend.stop();
  });
});

describe('A scan', () => {
  const app = {
    'app/package.json': {
      name: 'app',
      type: 'module',
      dependencies: { real: '1.0.0', typo: '1.0.0', outside: '1.0.0', plain: '1.0.0' },
    },
    'app/dist/main.js': '',
    ...packageAt('app/node_modules/real', 'real'),
    ...packageAt('app/node_modules/real/node_modules/nested', 'nested'),
    ...packageAt('app/node_modules/typo', 'reall'),
    ...packageAt('app/node_modules/plain', 'plain', { backplane: undefined, keywords: ['backplane', 'plugin'] }),
    ...packageAt('app/node_modules/undeclared', 'undeclared'),
    ...packageAt('elsewhere/outside', 'outside'),
    'app/node_modules/outside': new Link('elsewhere/outside'),
  };

  it('I47 imports only what the program depends on, what says it is one, and what lies in the program', async () => {
    using tree = new PackageTree(app);

    const { sources, problems } = await discover({ entry: tree.path('app/dist/main.js') });

    expect(sources.map(source => source.specifier)).to.deep.equal(['real']);
    expect(problems.map(problem => problem.code)).to.deep.equal(['PACKAGE_NAME_MISMATCH', 'PACKAGE_OUTSIDE_APP']);
  });
});
