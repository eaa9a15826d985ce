import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Decorators from '../../decorators/index.js';
import type * as Errors from '../../lib/errors/http-error.js';

/** The decorators and errors once more, as a program has them that has installed the framework twice. */
export class SecondCopy implements Disposable {
  readonly folder: string;
  readonly decorators: typeof Decorators;
  readonly errors: typeof Errors;

  private constructor(folder: string, decorators: typeof Decorators, errors: typeof Errors) {
    this.folder = folder;
    this.decorators = decorators;
    this.errors = errors;
  }

  static async load(): Promise<SecondCopy> {
    // Below the compiled tree, so that the packages it needs are found.
    const dist = fileURLToPath(new URL('../..', import.meta.url));
    const folder = mkdtempSync(join(dist, 'second-copy-'));
    for (const part of ['decorators', 'lib/errors', 'lib/util']) {
      cpSync(join(dist, part), join(folder, part), { recursive: true });
    }
    const load = (path: string) => import(pathToFileURL(join(folder, path)).href);
    return new SecondCopy(folder, await load('decorators/index.js'), await load('lib/errors/http-error.js'));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
