import { expect } from 'chai';
import { Backend } from '../../lib/backend/backend.js';
import { framework } from '../../lib/composition-root.js';
import { Plugin, Service } from '../../lib/index.js';
import { override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';
import type { Class } from '../../decorators/tokens.js';

@Service({ id: 'acme.ranked', scope: 'root', default: () => FromDeclaration })
abstract class Ranked {
  abstract readonly rank: string;
}

@Service({ implements: Ranked })
class FromDeclaration extends Ranked {
  readonly rank = 'declaration';
}

@Service({ implements: Ranked })
class FromFramework extends Ranked {
  readonly rank = 'framework';
}

@Service({ implements: Ranked })
class FromScan extends Ranked {
  readonly rank = 'scan';
}

@Service({ implements: Ranked })
class FromLoader extends Ranked {
  readonly rank = 'loader';
}

@Service({ implements: Ranked })
class FromFeatures extends Ranked {
  readonly rank = 'features';
}

class FromTest extends Ranked {
  readonly rank = 'test';
}

interface Sources {
  readonly test?: Class<Ranked>;
  readonly features?: readonly Class[];
  readonly loader?: Class;
  readonly scan?: Class;
  readonly framework?: Class;
}

/** A backend that gets the same service from several sides. */
function backendWith(given: Sources, seen: Ranked[] = []): Backend {
  @Plugin({ pluginId: 'user' })
  class UserPlugin {
    constructor(ranked: Ranked) {
      seen.push(ranked);
    }
  }
  const sources = given.scan ? [{ specifier: 'plugin-scanned', load: async () => ({ default: given.scan }) }] : [];
  return new Backend(
    {
      ...framework,
      services: [...framework.services, ...(given.framework ? [given.framework] : [])],
      discover: async () => ({ sources, problems: [], searched: [] }),
    },
    {
      features: [UserPlugin, ...(given.features ?? []), ...(given.loader ? [() => given.loader] : [])],
      overrides: given.test ? [override(Ranked).withClass(given.test)] : [],
      scan: {},
      mode: 'test',
      config: { backend: { listen: false, baseUrl: 'http://localhost', logger: { level: 'error' } } },
    },
  );
}

async function rankWith(sources: Sources): Promise<string> {
  const seen: Ranked[] = [];
  const backend = backendWith(sources, seen);
  await backend.start();
  await backend.stop();
  return seen[0]!.rank;
}

const all: Required<Sources> = {
  test: FromTest,
  features: [FromFeatures],
  loader: FromLoader,
  scan: FromScan,
  framework: FromFramework,
};

describe('Of the implementations of a service', () => {
  it('that of a test is the strongest', async () => {
    expect(await rankWith(all)).to.equal('test');
  });

  it('that named in features comes before what is loaded or found', async () => {
    const { test: _, ...rest } = all;

    expect(await rankWith(rest)).to.equal('features');
  });

  it('that of a feature loader comes before what is found', async () => {
    const { loader, scan, framework: ours } = all;

    expect(await rankWith({ loader, scan, framework: ours })).to.equal('loader');
  });

  it('that found by the scan comes before the framework’s', async () => {
    const { scan, framework: ours } = all;

    expect(await rankWith({ scan, framework: ours })).to.equal('scan');
  });

  it('that of the framework comes before the default of the declaration', async () => {
    expect(await rankWith({ framework: FromFramework })).to.equal('framework');
  });

  it('the default of the declaration serves where there is no other', async () => {
    expect(await rankWith({})).to.equal('declaration');
  });

  it('two of one rank are a problem that names both and where they come from', async () => {
    @Service({ implements: Ranked })
    class Second extends Ranked {
      readonly rank = 'second';
    }

    const problems = await startupProblems(backendWith({ features: [FromFeatures, Second] }).start());

    expect(problems.map(problem => problem.code)).to.deep.equal(['DUPLICATE_IMPLEMENTATION']);
    expect(problems[0]!.message).to.match(/class FromFeatures and by class Second/);
    expect(problems[0]!.path.map(step => step.replace(/ \(.*/, ''))).to.deep.equal([
      'in class FromFeatures, features[1]',
      '-> and in class Second, features[2]',
    ]);
  });

  it('two of a rank that decides nothing are no problem', async () => {
    @Service({ implements: Ranked })
    class SecondScanned extends Ranked {
      readonly rank = 'second';
    }
    const both = backendWith({ features: [FromFeatures], loader: [FromScan, SecondScanned] as never });

    await both.start();

    await both.stop();
  });

  it('the same class named and found counts once', async () => {
    expect(await rankWith({ features: [FromFeatures], scan: FromFeatures })).to.equal('features');
  });

  it('one that is meant for some plugins comes before one of the same rank for all', async () => {
    @Service({ id: 'acme.coloured', scope: 'plugin' })
    abstract class Coloured {
      abstract readonly colour: string;
    }
    @Service({ implements: Coloured })
    class Grey extends Coloured {
      readonly colour = 'grey';
    }
    @Service({ implements: Coloured, plugins: ['user'] })
    class Red extends Coloured {
      readonly colour = 'red';
    }
    const colours: string[] = [];
    @Plugin({ pluginId: 'user' })
    class ColourUser {
      constructor(coloured: Coloured) {
        colours.push(coloured.colour);
      }
    }
    const backend = new Backend(framework, {
      features: [ColourUser, Grey, Red],
      mode: 'test',
      config: { backend: { listen: false, logger: { level: 'error' } } },
    });
    await backend.start();
    await backend.stop();

    expect(colours).to.deep.equal(['red']);
  });
});
