import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A symbolic link; `target` is relative to the tree. */
export class Link {
  readonly target: string;

  constructor(target: string) {
    this.target = target;
  }
}

/** Files by path: text, JSON data, or a link. */
export type Tree = Record<string, string | object>;

/** Folders with real files, which are removed again by `remove()`. */
export class PackageTree implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'backplane-scan-')));

  constructor(files: Tree = {}) {
    this.write(files);
  }

  write(files: Tree): void {
    for (const [path, content] of Object.entries(files)) {
      const file = this.path(path);
      mkdirSync(dirname(file), { recursive: true });
      if (content instanceof Link) symlinkSync(this.path(content.target), file);
      else writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  path(path: string): string {
    return resolve(this.root, path);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The files of a package that exports `feature`. */
export function packageAt(folder: string, name: string, manifest: object = {}): Tree {
  return {
    [`${folder}/package.json`]: {
      name,
      type: 'module',
      backplane: { role: 'backend-plugin' },
      main: 'index.js',
      ...manifest,
    },
    [`${folder}/index.js`]: `export const feature = ${JSON.stringify(name)};`,
  };
}
