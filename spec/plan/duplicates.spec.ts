import { expect } from 'chai';
import { Inject, Plugin, type ServiceRef } from '../../decorators/index.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { PackageTree } from '../scan/package-tree.js';
import { codesIn, onlyProblemIn, planOf } from './plan-problems.js';

const decorators = new URL('../../decorators/index.js', import.meta.url).href;

interface Copy {
  readonly name: string;
  readonly version: string;
  readonly folder?: string;
}

/** A package on disk that declares 'acme.clock' with a default, each time it is asked for in a folder of its own. */
async function clockOf(
  tree: PackageTree,
  { name, version, folder = `${name}-${version}` }: Copy,
): Promise<ServiceRef<object>> {
  tree.write({
    [`${folder}/package.json`]: { name, version, type: 'module' },
    [`${folder}/index.js`]: `
      import { createServiceRef, Service } from '${decorators}';
      class Clock { version = '${version}'; }
      export const clock = createServiceRef({ id: 'acme.clock', scope: 'root', default: () => Clock });
      Service({ implements: clock })(Clock);
    `,
  });
  return ((await import(tree.path(`${folder}/index.js`))) as { clock: ServiceRef<object> }).clock;
}

/** A plugin for each package, that needs the clock of that. */
async function pluginsWith(tree: PackageTree, ...copies: readonly Copy[]): Promise<(new () => { clock: unknown })[]> {
  const plugins: (new () => { clock: unknown })[] = [];
  for (const copy of copies) {
    const clock = await clockOf(tree, copy);
    class ClockPlugin {
      readonly clock: unknown;

      constructor(given?: unknown) {
        this.clock = given;
      }
    }
    (Inject(clock) as ParameterDecorator)(ClockPlugin, undefined, 0);
    Plugin({ pluginId: `plugin-${plugins.length}` })(ClockPlugin);
    plugins.push(ClockPlugin);
  }
  return plugins;
}

describe('Two declarations with one id', () => {
  let tree: PackageTree;

  beforeEach(() => (tree = new PackageTree()));
  afterEach(() => tree[Symbol.dispose]());

  it('of a package that is there twice in one version are one', async () => {
    const copies = ['x', 'y'].map(folder => ({ name: 'clocks', version: '1.0.0', folder }));
    const plugins = await pluginsWith(tree, ...copies);

    expect((await planOf(plugins)).warnings).to.deep.equal([]);
    await using backend = await TestBackend.start({ features: plugins });
    const [one, other] = plugins.map((plugin, index) => backend.get(plugin, { pluginId: `plugin-${index}` }).clock);

    expect(one).to.equal(other);
  });

  it('of a package in two versions of one major are one, with a warning that names both', async () => {
    const plugins = await pluginsWith(tree, { name: 'clocks', version: '1.0.0' }, { name: 'clocks', version: '1.1.0' });

    const [warning, ...others] = (await planOf(plugins)).warnings;

    expect(others).to.deep.equal([]);
    expect(warning?.code).to.equal('DIFFERENT_VERSIONS');
    expect(warning?.message).to.contain('1.0.0 and 1.1.0');
    expect(warning?.path.join()).to.match(/clocks-1\.0\.0\/index\.js:4:\d+.*clocks-1\.1\.0\/index\.js:4:\d+/);
  });

  it('of a package in two majors are a problem', async () => {
    const plugins = await pluginsWith(tree, { name: 'clocks', version: '1.0.0' }, { name: 'clocks', version: '2.0.0' });

    expect(await codesIn(plugins)).to.deep.equal(['INCOMPATIBLE_VERSIONS']);
  });

  it('of two packages are a problem that names both places', async () => {
    const plugins = await pluginsWith(
      tree,
      { name: 'clocks', version: '1.0.0' },
      { name: 'watches', version: '1.0.0' },
    );

    const { code, path } = await onlyProblemIn(plugins);

    expect(code).to.equal('DUPLICATE_ID');
    expect(path.join()).to.match(/clocks-1\.0\.0\/index\.js.*watches-1\.0\.0\/index\.js/);
  });

  it('that are never both used are no problem', async () => {
    const [plugin] = await pluginsWith(
      tree,
      { name: 'clocks', version: '1.0.0' },
      { name: 'clocks', version: '2.0.0' },
    );

    expect(await codesIn([plugin])).to.deep.equal([]);
  });
});

describe('Two plugins of one id', () => {
  it('are told with both places', async () => {
    @Plugin({ pluginId: 'catalog' })
    class One {}
    @Plugin({ pluginId: 'catalog' })
    class Two {}

    const { code, path } = await onlyProblemIn([One, Two]);

    expect(code).to.equal('DUPLICATE_PLUGIN');
    expect(path[0]).to.match(/^in class One \(spec\/plan\/duplicates\.spec\.ts:\d+:6\)$/);
    expect(path[1]).to.match(/^-> and in class Two \(spec\/plan\/duplicates\.spec\.ts:\d+:6\)$/);
  });
});
