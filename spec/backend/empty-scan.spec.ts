import { expect } from 'chai';
import { Backend } from '../../lib/default-backend.js';
import { PackageTree, type Tree } from '../scan/package-tree.js';

const config = { backend: { listen: false, logger: { level: 'silent' } } };
const decorators = new URL('../../decorators/index.js', import.meta.url).href;
const loader = `import { FeatureLoader } from '${decorators}';
class Loader { load() { return []; } }
FeatureLoader()(Loader);
export { Loader };`;

/** The codes of the warnings of a start that scans these files. */
async function warned(files: Tree, options: object = {}): Promise<string[]> {
  using tree = new PackageTree({
    'package.json': { name: 'app', type: 'module', backplane: { features: 'dist' } },
    ...files,
  });
  const codes: string[] = [];
  const backend = new Backend({ root: tree.root, config, mode: 'test', ...options });
  backend.status.subscribe(event => {
    if (event.type === 'warning') codes.push(event.code);
  });
  await backend.start();
  await backend.stop();
  return codes;
}

describe('A scan that finds no feature', () => {
  it('is warned of, since a backend of nothing is hardly what was meant', async () => {
    expect(await warned({ 'dist/a.js': 'export class NoFeature {}' })).to.deep.equal(['NOTHING_FOUND']);
  });

  it('tells where it has looked', async () => {
    using tree = new PackageTree({ 'package.json': { name: 'app', type: 'module' } });

    const { warnings } = await Backend.plan({ root: tree.root, config });

    expect(warnings.map(({ path }) => path)).to.deep.equal([[`in the dependencies of ${tree.path('package.json')}`]]);
  });

  it('is no surprise where it finds a loader', async () => {
    expect(await warned({ 'dist/a.js': loader })).to.deep.equal([]);
  });

  it('is no surprise where nothing is scanned', async () => {
    expect(await warned({}, { features: [] })).to.deep.equal([]);
  });
});
