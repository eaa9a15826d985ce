import { expect } from 'chai';
import { z } from 'zod';
import { configOf, Inject, Module, Plugin, Service } from '../../decorators/index.js';
import { RootConfigService, type JsonObject } from '../../lib/api/config-service.js';
import { TestBackend } from '../../lib/testing/index.js';

const Rule = z.object({ name: z.string(), level: z.number().optional() });
class CatalogConfig extends configOf('catalog', z.object({ refresh: z.string().optional(), rules: Rule.optional() })) {}
class GithubConfig extends configOf('catalog.github', z.object({ host: z.string().optional() })) {}
class OpenConfig extends configOf('open', z.looseObject({ a: z.string().optional() })) {}

@Plugin({ pluginId: 'catalog' })
class CatalogPlugin {
  constructor(@Inject(CatalogConfig) readonly config: CatalogConfig) {}
}

@Module({ pluginId: 'catalog', moduleId: 'github' })
class GithubModule {
  constructor(@Inject(GithubConfig) readonly config: GithubConfig) {}
}

@Plugin({ pluginId: 'open' })
class OpenPlugin {
  constructor(@Inject(OpenConfig) readonly config: OpenConfig) {}
}

@Module({ pluginId: 'catalog', moduleId: 'reader' })
class ReaderModule {
  constructor(@Inject(RootConfigService) readonly config: RootConfigService) {}
}

async function unknownIn(config: JsonObject, features: readonly unknown[] = [CatalogPlugin]): Promise<string[]> {
  const { warnings } = await TestBackend.plan({ features, config });
  const unknown = warnings.filter(({ code }) => code === 'UNKNOWN_CONFIG');
  return unknown.map(({ path, fix }) => `${/'(.*?)'/.exec(path[0]!)![1]} -> ${/'(.*?)'/.exec(fix)?.[1] ?? 'nothing'}`);
}

describe('A key of the configuration that nobody reads', () => {
  it('is told, with the one that is written alike or that has its name elsewhere', async () => {
    const config = {
      backend: {
        lisen: 7007,
        maxBodySize: 5,
        auth: { external: [] },
        server: { handlerTimout: '5s' },
        rateLimit: { plugin: { catalog: { windw: '1m' } } },
        startup: { plugins: { catalog: { initTimout: '1s' } } },
      },
      discovery: { endpoints: [{ target: 'http://a/api/{{pluginId}}', plugins: ['a'], plugin: 'b' }] },
      discvery: {},
      catalg: {},
    };

    expect(await unknownIn(config)).to.have.members([
      'backend.lisen -> backend.listen',
      'backend.maxBodySize -> backend.server.maxBodySize',
      'backend.auth.external -> nothing',
      'backend.server.handlerTimout -> backend.server.handlerTimeout',
      'backend.rateLimit.plugin.catalog.windw -> backend.rateLimit.plugin.catalog.window',
      'backend.startup.plugins.catalog.initTimout -> backend.startup.plugins.catalog.initTimeout',
      'discovery.endpoints[0].plugin -> discovery.endpoints[0].plugins',
      'discvery -> discovery',
      'catalg -> catalog',
    ]);
  });

  it('is told of a plugin by the schemas of what reads its section, its modules among them', async () => {
    const catalog = { refersh: '5m', rules: { name: 'a', levle: 1 }, github: { host: 'a', tken: 'b' } };

    expect(await unknownIn({ catalog }, [CatalogPlugin, GithubModule])).to.have.members([
      'catalog.refersh -> catalog.refresh',
      'catalog.rules.levle -> catalog.rules.level',
      'catalog.github.tken -> nothing',
    ]);
  });

  it('is none where a schema takes other keys, or where somebody may read what it wants', async () => {
    @Service({ id: 'acme.reader', scope: 'root' })
    class AcmeReader {
      constructor(@Inject(RootConfigService) readonly config: RootConfigService) {}
    }
    const config = { catalog: { other: 1 } };

    expect(await unknownIn({ open: { b: 1 } }, [OpenPlugin])).to.deep.equal([]);
    expect(await unknownIn(config, [CatalogPlugin, ReaderModule])).to.deep.equal([]);
    expect(await unknownIn(config, [CatalogPlugin, AcmeReader])).to.deep.equal([]);
  });

  it('is none that says that it is read, nor a section that looks like nobody else’s', async () => {
    @Plugin({ pluginId: 'declaring', config: ['backend.lisen', 'acme'] })
    class DeclaringPlugin {
      constructor(@Inject(RootConfigService) readonly config: RootConfigService) {}
    }
    const config = { backend: { lisen: 1, intranet: { x: 1 } }, acme: { x: 1 }, app: { x: 1 }, organization: { x: 1 } };

    expect(await unknownIn(config, [DeclaringPlugin])).to.deep.equal([]);
  });
});
