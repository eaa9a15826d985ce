import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PackageTree } from '../scan/package-tree.js';
import { repository } from './program.js';

type WriteFolder = (
  folder: string,
  files: readonly (readonly [path: string, contents: Buffer])[],
  options?: { readonly keepOthers?: boolean },
) => Promise<void>;

/** Which files these are: one that was written anew is another. */
function filesIn(folder: string): Record<string, number> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const paths = found.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map(path => [path.slice(folder.length + 1), statSync(path).ino]));
}

describe('A build beside a backend that runs', () => {
  it('leaves the bundle alone where nothing has changed', async () => {
    const before = filesIn(join(repository, 'dist/bundle'));

    await promisify(execFile)(process.execPath, ['scripts/bundle.mjs', '--keep'], { cwd: repository });

    expect(filesIn(join(repository, 'dist/bundle'))).to.deep.equal(before);
  }).timeout(60_000);

  it('keeps, for npm start, what a backend has not loaded yet, and no other build does', async () => {
    using tree = new PackageTree({ 'index.js': 'old', 'chunks/same.js': 'same', 'chunks/old.js': 'old' });
    const { writeFolder } = (await import(`${repository}scripts/write-folder.mjs`)) as { writeFolder: WriteFolder };
    const files = [
      [tree.path('index.js'), Buffer.from('new')],
      [tree.path('chunks/same.js'), Buffer.from('same')],
      [tree.path('chunks/new.js'), Buffer.from('new')],
    ] as const;
    const before = filesIn(tree.root);

    await writeFolder(tree.root, files, { keepOthers: true });
    const kept = filesIn(tree.root);
    await writeFolder(tree.root, files);

    expect(Object.keys(kept)).to.have.members(['index.js', 'chunks/same.js', 'chunks/old.js', 'chunks/new.js']);
    expect(kept['chunks/same.js']).to.equal(before['chunks/same.js']);
    expect(readFileSync(tree.path('index.js'), 'utf8')).to.equal('new');
    expect(existsSync(tree.path('chunks/old.js'))).to.equal(false);
    const { scripts } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8')) as { scripts: { start: string } };
    expect(scripts.start).to.match(/^npm run build --silent -- --keep /);
  });
});
