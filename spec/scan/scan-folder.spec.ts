import { expect } from 'chai';
import { findEntryPackage } from '../../lib/scan/entry-package.js';
import { scanFolder } from '../../lib/scan/scan-folder.js';
import { Link, PackageTree, type Tree } from './package-tree.js';

describe('scanFolder()', () => {
  let tree: PackageTree;
  afterEach(() => tree[Symbol.dispose]());

  function scan(files: Tree, folder = 'dist', entry = 'dist/main.js') {
    tree = new PackageTree({ 'package.json': { name: 'app' }, [entry]: '', ...files });
    const { files: found, problems } = scanFolder(findEntryPackage(tree.path(entry)), folder);
    return { names: found.map(file => file.specifier), problems };
  }

  it('finds modules in all folders below, sorted by path', () => {
    const { names } = scan({
      'dist/b.js': '',
      'dist/a/z.js': '',
      'dist/a/b/c.mjs': '',
      'dist/C.js': '',
      'other/x.js': '',
    });

    expect(names).to.deep.equal(['dist/C.js', 'dist/a/b/c.mjs', 'dist/a/z.js', 'dist/b.js']);
  });

  it('leaves out what must not be imported', () => {
    const { names } = scan({
      'dist/a.js': '',
      'dist/a.spec.js': '',
      'dist/a.test.mjs': '',
      'dist/a.js.map': '',
      'dist/a.json': '',
      'dist/a.cjs': '',
      'dist/a.d.ts': '',
      'dist/a.ts': '',
      'dist/.hidden.js': '',
      'dist/.cache/b.js': '',
      'dist/migrations/1-init.js': '',
      'dist/deep/migrations/below/2.js': '',
      'dist/__tests__/b.js': '',
      'dist/node_modules/x/index.js': '',
    });

    expect(names).to.deep.equal(['dist/a.js']);
  });

  it('leaves out the file that runs, also where it was started through a link', () => {
    tree = new PackageTree({
      'package.json': { name: 'app' },
      'dist/a.js': '',
      'dist/start.js': '',
      run: new Link('dist/start.js'),
    });

    const { files } = scanFolder(findEntryPackage(tree.path('run')), 'dist');

    expect(files.map(file => file.specifier)).to.deep.equal(['dist/a.js']);
  });

  it('leaves out what the package itself starts with, where a tool scans it', () => {
    tree = new PackageTree({
      'package.json': { name: 'app', main: 'dist/main', bin: { app: './dist/cli.js' } },
      'dist/main.js': '',
      'dist/cli.js': '',
      'dist/a.js': '',
      'tool/cli.js': '',
    });

    const { files } = scanFolder(findEntryPackage(tree.path('tool/cli.js'), tree.root), 'dist');

    expect(files.map(file => file.specifier)).to.deep.equal(['dist/a.js']);
  });

  it('takes TypeScript sources where the program runs from such, and not what was compiled from them', () => {
    const files = {
      'src/a.ts': '',
      'src/a.js': '',
      'src/b.mts': '',
      'src/c.d.ts': '',
      'src/d.spec.ts': '',
      'src/e.js': '',
    };

    expect(scan(files, 'src', 'src/main.ts').names).to.deep.equal(['src/a.ts', 'src/b.mts', 'src/e.js']);
  });

  it('does not follow symbolic links', () => {
    const { names, problems } = scan({
      'dist/a.js': '',
      'dist/link.js': new Link('outside/b.js'),
      'dist/folder': new Link('outside'),
      'dist/loop': new Link('dist'),
      'outside/b.js': '',
    });

    expect(names).to.deep.equal(['dist/a.js']);
    expect(problems).to.deep.equal([]);
  });

  it('takes the folder of the package itself', () => {
    expect(scan({ 'a.js': '', 'sub/b.js': '' }, '.').names).to.deep.equal(['a.js', 'sub/b.js']);
  });

  for (const [what, folder] of [
    ['lies above the package', '../there-is-no-such-folder'],
    ['is absolute', '/tmp'],
    ['is a link', 'link'],
  ] as const) {
    it(`refuses a folder that ${what}`, () => {
      const { problems } = scan({ link: new Link('dist') }, folder);

      expect(problems.map(problem => problem.code)).to.deep.equal([
        folder === '../there-is-no-such-folder' ? 'FOLDER_NOT_FOUND' : 'FOLDER_OUTSIDE_PACKAGE',
      ]);
    });
  }

  it('refuses an existing folder above the package', () => {
    expect(scan({}, '..').problems[0]).to.include({ code: 'FOLDER_OUTSIDE_PACKAGE' });
  });

  it('suggests what a folder that is not there may have been', () => {
    const { problems } = scan({ 'dist/features/a.js': '' }, 'dist/featurs');

    expect(problems[0]).to.include({ code: 'FOLDER_NOT_FOUND', fix: "did you mean 'dist/features'?" });
  });

  it('refuses a file', () => {
    expect(scan({ 'dist/a.js': '' }, 'dist/a.js').problems[0]).to.include({ code: 'FOLDER_NOT_FOUND' });
  });
});
