import { expect } from 'chai';
import { discover, type DiscoverOptions } from '../../lib/scan/discover.js';
import { Link, PackageTree, packageAt, type Tree } from './package-tree.js';

const versions = (...names: string[]): Record<string, string> => Object.fromEntries(names.map(name => [name, '1.0.0']));

const role = (name: string): object => ({ backplane: { role: name } });

const app = (manifest: object = {}): Tree => ({
  'app/package.json': { name: 'app', type: 'module', ...manifest },
  'app/dist/main.js': '',
});

describe('discover()', () => {
  let tree: PackageTree;
  afterEach(() => tree[Symbol.dispose]());

  async function found(options: DiscoverOptions = {}) {
    const { sources, problems } = await discover({ entry: tree.path('app/dist/main.js'), ...options });
    return {
      names: sources.map(source => source.specifier),
      codes: problems.map(problem => problem.code),
      problems,
      sources,
    };
  }

  describe('the package of the program', () => {
    it('is the closest one above the file Node was started with', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('inner') }),
        'package.json': { name: 'outer', dependencies: versions('outer-only') },
        ...packageAt('app/node_modules/inner', 'inner'),
      });

      expect((await found()).names).to.deep.equal(['inner']);
    });

    it('is not a package.json that only says how files are read', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('a') }),
        'app/dist/package.json': { type: 'module' },
        ...packageAt('app/node_modules/a', 'a'),
      });

      expect((await found()).names).to.deep.equal(['a']);
    });

    it('is found through the link in node_modules/.bin, and without the extension', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('a') }),
        'bin/app': new Link('app/dist/main.js'),
        ...packageAt('app/node_modules/a', 'a'),
      });

      expect((await found({ entry: tree.path('bin/app') })).names).to.deep.equal(['a']);
      expect((await found({ entry: tree.path('app/dist/main') })).names).to.deep.equal(['a']);
    });

    it('is the one of a given folder', async () => {
      tree = new PackageTree({
        ...app(),
        'other/package.json': { name: 'other', dependencies: versions('a') },
        ...packageAt('other/node_modules/a', 'a'),
      });

      expect((await found({ folder: tree.path('other') })).names).to.deep.equal(['a']);
    });

    it('is a problem where there is none', async () => {
      tree = new PackageTree({ 'main.js': '' });

      const { codes, problems } = await found({ entry: tree.path('main.js') });

      expect(codes).to.deep.equal(['NO_ENTRY_PACKAGE']);
      expect(problems[0]!.message).to.contain(tree.path('main.js'));
    });

    it('is a problem where its package.json is broken', async () => {
      tree = new PackageTree({ 'app/package.json': '{', 'app/dist/main.js': '' });

      expect((await found()).codes).to.deep.equal(['INVALID_PACKAGE_JSON']);
    });
  });

  describe('packages', () => {
    it('are the dependencies with a role for features, in the order of "dependencies"', async () => {
      tree = new PackageTree({
        ...app({
          dependencies: versions('z', 'library', 'm', 'frontend', 'a', 'plain'),
          devDependencies: versions('dev'),
          peerDependencies: versions('peer'),
        }),
        ...packageAt('app/node_modules/z', 'z'),
        ...packageAt('app/node_modules/library', 'library', role('node-library')),
        ...packageAt('app/node_modules/m', 'm', role('backend-plugin-module')),
        ...packageAt('app/node_modules/frontend', 'frontend', role('frontend-plugin')),
        ...packageAt('app/node_modules/a', 'a'),
        ...packageAt('app/node_modules/plain', 'plain', { backplane: undefined }),
        ...packageAt('app/node_modules/dev', 'dev'),
        ...packageAt('app/node_modules/peer', 'peer'),
      });

      const { names, codes } = await found();

      expect(names).to.deep.equal(['z', 'library', 'm', 'a']);
      expect(codes).to.deep.equal([]);
    });

    it('are all of these for "all"', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('b', 'a') }),
        ...packageAt('app/node_modules/a', 'a'),
        ...packageAt('app/node_modules/b', 'b'),
      });

      expect((await found({ scan: { packages: 'all' } })).names).to.deep.equal(['b', 'a']);
    });

    it('are those of "include", in its order, without those of "exclude"', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('a', 'b', '@acme/c'), devDependencies: versions('dev') }),
        ...packageAt('app/node_modules/a', 'a'),
        ...packageAt('app/node_modules/b', 'b'),
        ...packageAt('app/node_modules/@acme/c', '@acme/c'),
        ...packageAt('app/node_modules/dev', 'dev'),
      });

      const included = await found({ scan: { packages: { include: ['dev', '@acme/c', 'a', 'b'], exclude: ['a'] } } });
      const excluded = await found({ scan: { packages: { exclude: ['b'] } } });

      expect(included.names).to.deep.equal(['dev', '@acme/c', 'b']);
      expect(excluded.names).to.deep.equal(['a', '@acme/c']);
    });

    it('load what import would', async () => {
      tree = new PackageTree({ ...app({ dependencies: versions('a') }), ...packageAt('app/node_modules/a', 'a') });

      const { sources } = await found();

      expect(sources[0]!.file).to.equal(tree.path('app/node_modules/a/index.js'));
      expect(await sources[0]!.load()).to.include({ feature: 'a' });
    });

    it('are found in the node_modules of a folder above', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('a') }),
        ...packageAt('node_modules/a', 'a'),
      });

      expect((await found()).names).to.deep.equal(['a']);
    });

    it('are not those that other packages bring along', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('a') }),
        ...packageAt('app/node_modules/a', 'a', { dependencies: versions('nested', 'hoisted') }),
        ...packageAt('app/node_modules/a/node_modules/nested', 'nested'),
        ...packageAt('app/node_modules/hoisted', 'hoisted'),
      });

      const named = await found({ scan: { packages: { include: ['hoisted'] } } });

      expect((await found()).names).to.deep.equal(['a']);
      expect(named.names).to.deep.equal([]);
      expect(named.codes).to.deep.equal(['PACKAGE_NOT_FOUND']);
    });

    it('are linked workspaces, wherever the program lies in them', async () => {
      tree = new PackageTree({
        'package.json': { name: 'root', workspaces: ['packages/*', 'app'] },
        ...app({ dependencies: versions('a', 'b') }),
        ...packageAt('packages/a', 'a'),
        ...packageAt('packages/b', 'b'),
        'node_modules/a': new Link('packages/a'),
        'app/node_modules/b': new Link('packages/b'),
      });

      const { names, codes, sources } = await found();

      expect(codes).to.deep.equal([]);
      expect(names).to.deep.equal(['a', 'b']);
      expect(sources[0]!.file).to.equal(tree.path('packages/a/index.js'));
    });

    it('are linked into the store of pnpm', async () => {
      tree = new PackageTree({
        'pnpm-workspace.yaml': 'packages: [app]',
        ...app({ dependencies: versions('a') }),
        ...packageAt('node_modules/.pnpm/a@1.0.0/node_modules/a', 'a'),
        'app/node_modules/a': new Link('node_modules/.pnpm/a@1.0.0/node_modules/a'),
      });

      expect((await found()).names).to.deep.equal(['a']);
    });

    it('may be installed under another name that package.json gives', async () => {
      tree = new PackageTree({
        ...app({ dependencies: { alias: 'npm:@acme/real@^1.0.0' } }),
        ...packageAt('app/node_modules/alias', '@acme/real'),
      });

      expect((await found()).names).to.deep.equal(['alias']);
    });

    it('may be absent where they are optional', async () => {
      tree = new PackageTree(app({ dependencies: versions('a'), optionalDependencies: versions('a') }));

      expect(await found()).to.deep.include({ names: [], codes: [] });
    });
  });

  describe('problems with packages', () => {
    const cases: [what: string, files: Tree, code: string, says: string][] = [
      ['is not installed', {}, 'PACKAGE_NOT_FOUND', 'npm install'],
      [
        'is a link out of the program',
        { ...packageAt('elsewhere/a', 'a'), 'app/node_modules/a': new Link('elsewhere/a') },
        'PACKAGE_OUTSIDE_APP',
        'elsewhere/a',
      ],
      ['has another name', packageAt('app/node_modules/a', 'aa'), 'PACKAGE_NAME_MISMATCH', '"aa"'],
      ['has no name', packageAt('app/node_modules/a', 'a', { name: undefined }), 'PACKAGE_NAME_MISMATCH', "'a'"],
      [
        'has a role with a typing error',
        packageAt('app/node_modules/a', 'a', { backplane: { role: 'backend-plugn' } }),
        'INVALID_ROLE',
        "did you mean 'backend-plugin'?",
      ],
      [
        'has a role that is no text',
        packageAt('app/node_modules/a', 'a', { backplane: { role: 5 } }),
        'INVALID_ROLE',
        'node-library',
      ],
      [
        'was not built',
        packageAt('app/node_modules/a', 'a', { exports: './dist/index.js' }),
        'PACKAGE_WITHOUT_ENTRY',
        'build the package',
      ],
      [
        'has an entry outside of itself',
        { ...packageAt('app/node_modules/a', 'a', { exports: './../x.js' }), 'app/node_modules/x.js': '' },
        'PACKAGE_WITHOUT_ENTRY',
        '"exports"',
      ],
      ['has a broken package.json', { 'app/node_modules/a/package.json': '[]' }, 'INVALID_PACKAGE_JSON', "'a'"],
    ];
    for (const [what, files, code, says] of cases) {
      it(`name the package that ${what}`, async () => {
        tree = new PackageTree({
          ...app({ dependencies: versions('a', 'b') }),
          ...packageAt('app/node_modules/b', 'b'),
          ...files,
        });

        const { names, codes, problems } = await found();

        expect(codes).to.deep.equal([code]);
        expect(names).to.deep.equal(['b']);
        const { message, path, fix } = problems[0]!;
        expect([message, ...path, fix].join('\n')).to.contain(says);
      });
    }

    it('suggest what "include" may have meant', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('plugin-catalog') }),
        ...packageAt('app/node_modules/plugin-catalog', 'plugin-catalog'),
      });

      const { problems } = await found({ scan: { packages: { include: ['plugin-catlog', '../x', 'left-pad'] } } });

      expect(problems.map(problem => problem.code)).to.deep.equal(Array(3).fill('PACKAGE_NOT_FOUND'));
      expect(problems[0]!.fix).to.equal("did you mean 'plugin-catalog'?");
      expect(problems[2]!.fix).to.contain('install');
    });

    it('tell where "include" names a package without features', async () => {
      tree = new PackageTree({
        ...app({ dependencies: versions('a') }),
        ...packageAt('app/node_modules/a', 'a', { backplane: { role: 'common-library' } }),
      });

      expect((await found({ scan: { packages: { include: ['a'] } } })).codes).to.deep.equal(['INVALID_ROLE']);
    });
  });

  describe('folders', () => {
    const features = { backplane: { features: 'dist/features' } };

    it('come after packages, each file once', async () => {
      tree = new PackageTree({
        ...app({ ...features, dependencies: versions('a') }),
        ...packageAt('app/node_modules/a', 'a'),
        'app/dist/features/x.js': 'export const x = 1;',
      });

      const { names, sources } = await found();

      expect(names).to.deep.equal(['a', 'dist/features/x.js']);
      expect(await sources[1]!.load()).to.include({ x: 1 });
    });

    it('are those that code names instead', async () => {
      tree = new PackageTree({
        ...app(features),
        'app/dist/features/x.js': '',
        'app/one/y.js': '',
        'app/two/z.mjs': '',
      });

      const { names } = await found({ scan: { folders: ['two', 'one', './one'] } });

      expect(names).to.deep.equal(['two/z.mjs', 'one/y.js']);
    });

    it('are a problem where package.json names none', async () => {
      tree = new PackageTree(app({ backplane: { features: true } }));

      expect((await found()).codes).to.deep.equal(['INVALID_FEATURES_FOLDER']);
    });
  });
});
