import { expect } from 'chai';
import { z } from 'zod';
import { configOf, Inject, Module, Plugin, Service } from '../../decorators/index.js';
import { RootConfigService, type JsonObject } from '../../lib/api/config-service.js';
import type { Problem } from '../../lib/errors/problem.js';
import { TestBackend } from '../../lib/testing/index.js';
import { problemsOf } from '../errors/error-fixture.js';

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
  return shown(warnings);
}

/** Those with which the backend does not start. */
async function refusedIn(config: JsonObject, features: readonly unknown[] = [CatalogPlugin]): Promise<string[]> {
  return shown(await problemsOf(() => TestBackend.plan({ features, config })));
}

function shown(problems: readonly Problem[]): string[] {
  const unknown = problems.filter(({ code }) => code === 'UNKNOWN_CONFIG');
  return unknown.map(
    ({ path, fix }) => `${/'(.*?)'/.exec(path[0]!)![1]} -> ${/mean '(.*?)'/.exec(fix)?.[1] ?? 'nothing'}`,
  );
}

describe('A key of the configuration that nobody reads', () => {
  it('is refused in a section of the framework where it is written like one that is read there', async () => {
    const config = {
      backend: {
        lisen: 7007,
        database: { clint: 'pg', plugin: { catalog: { clien: 'pg', pool: { mx: 5 } } } },
        server: { handlerTimout: '5s' },
        rateLimit: { plugin: { catalog: { windw: '1m' } } },
        startup: { plugins: { catalog: { initTimout: '1s' } } },
      },
      discovery: { endpoints: [{ target: 'http://a/api/{{pluginId}}', plugins: ['a'], plugin: 'b' }] },
      bakend: { database: { client: 'pg' } },
    };

    expect(await refusedIn(config)).to.have.members([
      'backend.lisen -> backend.listen',
      'backend.database.clint -> backend.database.client',
      'backend.database.plugin.catalog.pool.mx -> backend.database.plugin.catalog.pool.max',
      'backend.server.handlerTimout -> backend.server.handlerTimeout',
      'backend.rateLimit.plugin.catalog.windw -> backend.rateLimit.plugin.catalog.window',
      'backend.startup.plugins.catalog.initTimout -> backend.startup.plugins.catalog.initTimeout',
      'discovery.endpoints[0].plugin -> discovery.endpoints[0].plugins',
      'bakend -> backend',
    ]);
  });

  it('is told where it looks like nothing that is read there, with the one that has its name elsewhere', async () => {
    const config = {
      backend: { maxBodySize: 5, auth: { external: [] }, cache: { plugin: { catalog: {} } } },
      discvery: {},
      catalg: {},
    };

    expect(await unknownIn(config)).to.have.members([
      'backend.maxBodySize -> backend.server.maxBodySize',
      'backend.auth.external -> nothing',
      'backend.cache.plugin -> nothing',
      'discvery -> discovery',
      'catalg -> catalog',
    ]);
  });

  it('is not refused where it is one of Backstage’s', async () => {
    const database = { knexConfig: { pool: {} }, pool: { min: 1, max: 5 }, useNullAsDefault: true };
    const auth = { keys: [{ secret: 'a' }], autologout: {} };
    const cache = { useRedisSets: true };
    const backend = {
      reading: { allow: [] },
      actions: {},
      workingDirectory: '/tmp',
      permission: {},
      database,
      auth,
      cache,
    };

    expect(await refusedIn({ backend, permission: { enabled: true }, integrations: {}, app: {} })).to.deep.equal([]);
  });

  it('is refused where it is written like the id of an installed plugin, and told where it is of no plugin', async () => {
    const database = { plugin: { catlog: { connection: ':memory:' } } };
    const startup = { plugins: { billing: { initTimeout: '1s' } } };

    expect(await refusedIn({ backend: { database, startup } })).to.deep.equal([
      'backend.database.plugin.catlog -> backend.database.plugin.catalog',
    ]);
    expect(await unknownIn({ backend: { startup } })).to.deep.equal(['backend.startup.plugins.billing -> nothing']);
  });

  it('is none that is for a plugin of which the configuration says that it is elsewhere', async () => {
    const target = 'http://elsewhere/api/{{pluginId}}';
    const database = { plugin: { catalogs: { connection: ':memory:' }, billing: { connection: ':memory:' } } };
    const elsewhere = (plugins: string[]): JsonObject => ({
      backend: { database },
      discovery: { endpoints: [{ target, plugins }] },
    });

    expect(await unknownIn(elsewhere(['catalogs', 'billing']))).to.deep.equal([]);
    expect(await unknownIn(elsewhere(['catalogs', '*']))).to.deep.equal([]);
    expect(await refusedIn(elsewhere(['*']))).to.deep.equal([
      'backend.database.plugin.catalogs -> backend.database.plugin.catalog',
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
