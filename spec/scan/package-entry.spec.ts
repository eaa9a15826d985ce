import { expect } from 'chai';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { entryOfPackage } from '../../lib/scan/package-entry.js';
import { PackageTree } from './package-tree.js';

const manifests: [what: string, manifest: object][] = [
  ['nothing', {}],
  ['main', { main: 'lib/a.js' }],
  ['main with a dot', { main: './lib/a.js' }],
  ['main without an extension', { main: 'lib/a' }],
  ['main that is a folder', { main: 'lib' }],
  ['main that is not there', { main: 'lib/none.js' }],
  ['a text', { exports: './lib/a.js', main: 'index.js' }],
  ['the subpath .', { exports: { '.': './lib/a.js', './b': './lib/b.js' } }],
  ['only other subpaths', { exports: { './b': './lib/b.js' }, main: 'index.js' }],
  [
    'conditions',
    { exports: { types: './lib/x.d.ts', browser: './lib/b.js', import: './lib/a.js', default: './index.js' } },
  ],
  ['require before import', { exports: { require: './lib/b.js', import: './lib/a.js' } }],
  ['node first', { exports: { node: './lib/b.js', import: './lib/a.js' } }],
  [
    'nested conditions',
    { exports: { '.': { node: { require: './index.js', import: './lib/a.js' }, default: './lib/b.js' } } },
  ],
  ['nested conditions none of which holds', { exports: { node: { require: './index.js' }, default: './lib/b.js' } }],
  ['the condition of synchronous modules', { exports: { 'module-sync': './lib/b.js', import: './lib/a.js' } }],
  ['an array', { exports: [{ require: './lib/b.js' }, './lib/a.js'] }],
  ['null', { exports: { '.': null } }],
  ['a condition that says null', { exports: { import: null, default: './lib/a.js' } }],
  ['no condition that holds', { exports: { require: './lib/a.js' } }],
  ['null instead of exports', { exports: null, main: 'lib/a.js' }],
];

describe('entryOfPackage()', () => {
  for (const [what, manifest] of manifests) {
    it(`agrees with Node where package.json has ${what}`, async () => {
      using tree = new PackageTree({
        'node_modules/a/package.json': { name: 'a', type: 'module', ...manifest },
        'node_modules/a/index.js': '',
        'node_modules/a/lib/a.js': '',
        'node_modules/a/lib/b.js': '',
        'node_modules/a/lib/index.js': '',
        'probe.mjs': `export const found = await (async () => import.meta.resolve('a'))().catch(() => undefined);`,
      });

      const { found } = (await import(pathToFileURL(tree.path('probe.mjs')).href)) as { found: string | undefined };

      expect(entryOfPackage(tree.path('node_modules/a'), manifest)).to.equal(found && fileURLToPath(found));
    });
  }

  it('heeds the conditions the process was started with', () => {
    using tree = new PackageTree({ 'source.js': '', 'dist.js': '' });
    const manifest = { exports: { 'acme-source': './source.js', default: './dist.js' } };
    const { execArgv } = process;

    try {
      for (const options of [['-C', 'acme-source'], ['--conditions=acme-source'], ['--conditions', 'acme-source']]) {
        process.execArgv = options;
        expect(entryOfPackage(tree.root, manifest)).to.equal(tree.path('source.js'));
      }
    } finally {
      process.execArgv = execArgv;
    }
    expect(entryOfPackage(tree.root, manifest)).to.equal(tree.path('dist.js'));
  });
});
