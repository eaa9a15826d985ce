import { expect } from 'chai';
import { Injectable, Module, Plugin } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';

@Injectable()
class Unused {}

@Plugin({ pluginId: 'catalog' })
class CatalogPlugin {}

@Module({ pluginId: 'catalog', moduleId: 'github' })
class GithubModule {}

describe('TestBackend › get()', () => {
  let backend: TestBackend;

  before(async () => {
    backend = await TestBackend.start({ features: [CatalogPlugin, GithubModule] });
  });

  after(() => backend.stop());

  const cases: [what: string, get: () => unknown, why: string][] = [
    [
      'there is no such plugin',
      () => backend.get(CatalogPlugin, { pluginId: 'catalogue' }),
      "Class CatalogPlugin has no instance in plugin 'catalogue': there is no plugin 'catalogue'; did you mean 'catalog'?",
    ],
    [
      'there is no such module',
      () => backend.get(GithubModule, { pluginId: 'catalog', moduleId: 'gihtub' }),
      "Class GithubModule has no instance in module 'gihtub' of plugin 'catalog': plugin 'catalog' has no module 'gihtub'; did you mean 'github'?",
    ],
    [
      'there is nothing with a name like that',
      () => backend.get(CatalogPlugin, { pluginId: 'x' }),
      "Class CatalogPlugin has no instance in plugin 'x': there is no plugin 'x'",
    ],
    [
      'nobody needs the class',
      () => backend.get(Unused, { pluginId: 'catalog' }),
      "Class Unused has no instance in plugin 'catalog': nothing there needs it",
    ],
    [
      'a module is asked for without its plugin',
      () => backend.get(GithubModule),
      'Class GithubModule has no instance in the backend: nothing there needs it',
    ],
  ];
  for (const [what, get, why] of cases) {
    it(`says so where ${what}`, () => {
      expect(get).to.throw().with.nested.property('problem.message', why);
      expect(get).to.throw().that.includes({ code: 'NOT_IN_BACKEND' });
    });
  }

  it('says so where the plugin failed and may', async () => {
    @Plugin({ pluginId: 'failing' })
    class FailingPlugin {
      init(): never {
        throw new Error('no');
      }
    }
    const startup = { default: { onPluginBootFailure: 'continue' }, retry: { initialDelay: 60_000, maxDelay: 60_000 } };
    const config = { backend: { startup, logger: { level: 'error' } } };
    await using other = await TestBackend.start({ features: [FailingPlugin], config });

    expect(() => other.get(FailingPlugin, { pluginId: 'failing' })).to.throw("plugin 'failing' is not running");
  });
});
