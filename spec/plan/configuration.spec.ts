import { expect } from 'chai';
import { z } from 'zod';
import { configOf, Inject, Injectable, Module, Plugin, Service } from '../../decorators/index.js';
import { Backend } from '../../lib/default-backend.js';
import type { Problem } from '../../lib/errors/problem.js';
import { problemsOf } from '../errors/error-fixture.js';
import { ConfigFolder } from '../services/config/config-folder.js';

class CatalogConfig extends configOf(
  'catalog',
  z.object({ refresh: z.string().default('5m'), limit: z.number().optional() }),
) {}

class SearchConfig extends configOf('search.index', z.object({ path: z.string() })) {}

class OrganizationConfig extends configOf('organization', z.object({ name: z.string().default('none') })) {}

function pluginWith(pluginId: string, token: new () => object, config: readonly string[] = []): unknown {
  class Configured {}
  Inject(token)(Configured as never, undefined, 0 as never);
  Plugin({ pluginId, config })(Configured);
  return Configured;
}

const silent = 'backend: { listen: false, logger: { level: silent } }\n';

describe('Configuration in the plan', () => {
  let folder: ConfigFolder;

  beforeEach(() => (folder = new ConfigFolder()));
  afterEach(() => folder[Symbol.dispose]());

  /** What is wrong with a program of these features and this `app-config.yaml`. */
  async function problemsWith(yaml: string, features: readonly unknown[]): Promise<readonly Problem[]> {
    folder.write('app-config.yaml', yaml);
    return problemsOf(() => Backend.plan({ features, root: folder.path, mode: 'test' }));
  }

  it('is told with the line of its file where it does not fit its schema, all of it', async () => {
    const yaml = `${silent}catalog:\n  refresh: 5\n  limit: many\nsearch: { index: {} }\n`;

    const problems = await problemsWith(yaml, [
      pluginWith('catalog', CatalogConfig),
      pluginWith('search', SearchConfig),
    ]);

    expect(problems.map(({ code, path }) => [code, path.at(-2)])).to.deep.equal([
      ['INVALID_CONFIG', "-> configuration key 'catalog.refresh' (app-config.yaml:3:12)"],
      ['INVALID_CONFIG', "-> configuration key 'catalog.limit' (app-config.yaml:4:10)"],
      ['INVALID_CONFIG', "-> configuration key 'search.index.path' (app-config.yaml:5:11)"],
    ]);
  });

  it('is told together with wrong settings of the backend and of the framework’s services, and with the graph', async () => {
    const yaml = `backend:
  listen: nowhere
  server: { handlerTimeout: soon }
  logger: { level: loud }
  startup: { initTimeout: 1 lightyear, default: { onPluginBootFailure: panic } }
  lifecycle: { hookTimeout: never }
catalog: { refresh: 5 }
`;

    const problems = await problemsWith(yaml, [pluginWith('catalog', CatalogConfig), 7]);

    expect(
      problems.map(({ code, path }) => `${code} ${/app-config\.yaml:\d+/.exec(path.join())?.[0] ?? path[0]}`),
    ).to.deep.equal([
      'INVALID_CONFIG app-config.yaml:5',
      'INVALID_CONFIG app-config.yaml:5',
      'INVALID_CONFIG app-config.yaml:6',
      'INVALID_CONFIG app-config.yaml:2',
      'INVALID_CONFIG app-config.yaml:3',
      'INVALID_LOG_LEVEL app-config.yaml:4',
      'NOT_A_FEATURE in features[1]',
      'INVALID_CONFIG app-config.yaml:7',
    ]);
  });

  it('that cannot be read at all is told together with the graph', async () => {
    const problems = await problemsWith('backend: [\n', [7]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['CONFIG_FILE', 'NOT_A_FEATURE']);
  });

  it('of another plugin is not for this one, unless it says so', async () => {
    const codes = async (...features: unknown[]) => (await problemsWith(silent, features)).map(({ code }) => code);

    expect(await codes(pluginWith('search', CatalogConfig))).to.deep.equal(['FOREIGN_CONFIG']);
    expect(await codes(pluginWith('search', CatalogConfig, ['catalog']))).to.deep.equal([]);
    expect(await codes(pluginWith('search', CatalogConfig, ['catalog.refresh']))).to.deep.equal(['FOREIGN_CONFIG']);
    expect(await codes(pluginWith('catalog', CatalogConfig))).to.deep.equal([]);
    expect(await codes(pluginWith('cata', CatalogConfig))).to.deep.equal(['FOREIGN_CONFIG']);
    expect(await codes(pluginWith('search', OrganizationConfig))).to.deep.equal([]);
  });

  it('of another plugin is not for a module or a helper either, but it is for a service', async () => {
    @Injectable()
    class Helper {
      constructor(readonly config: CatalogConfig) {}
    }
    @Plugin({ pluginId: 'search' })
    class Search {
      constructor(readonly helper: Helper) {}
    }
    @Module({ pluginId: 'search', moduleId: 'm' })
    class M {
      constructor(readonly config: CatalogConfig) {}
    }
    @Service({ id: 'acme.service', scope: 'root' })
    class Own {
      constructor(readonly config: CatalogConfig) {}
    }

    const problems = await problemsWith(silent, [Search, M, Own]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['FOREIGN_CONFIG', 'FOREIGN_CONFIG']);
    expect(problems[0]!.path[1]).to.contain('-> class Helper');
  });
});
