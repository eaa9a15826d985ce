import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes `folder` have these files, each a path and its contents, and removes others unless `keepOthers`. Whoever reads
 * meanwhile finds each file as it was or as it will be: it is replaced at once, and left alone where nothing has changed.
 */
export async function writeFolder(folder, files, { keepOthers = false } = {}) {
  await Promise.all(files.map(([path, contents]) => replace(path, contents)));
  if (keepOthers) return;
  const paths = new Set(files.map(([path]) => path));
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const others = found.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  await Promise.all(others.filter(path => !paths.has(path)).map(path => rm(path, { force: true })));
}

async function replace(path, contents) {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, contents);
  await rename(draft, path);
}
