import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A file system of its own with hardly any room, until more is made; where this process may mount none, a folder.
 */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;
  /** Whether there is an end to it. */
  readonly isReal: boolean;

  private constructor(path: string, isReal: boolean) {
    this.path = path;
    this.isReal = isReal;
  }

  /** In MiB. */
  static async of(size: number): Promise<SmallDisk> {
    const path = await mkdtemp(join(tmpdir(), 'small-disk-'));
    const mounted = run('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs', path]);
    const isReal = await mounted.then(
      () => true,
      () => false,
    );
    await chmod(path, 0o777);
    return new this(path, isReal);
  }

  async grow(size: number): Promise<void> {
    await run('mount', ['-o', `remount,size=${size}m`, this.path]);
  }

  /** What is there can only be read from now on, except by root, and nothing can be added. */
  async forbidWriting(): Promise<void> {
    for (const name of await readdir(this.path)) await chmod(join(this.path, name), 0o444);
    await chmod(this.path, 0o555);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isReal) await run('umount', ['-l', this.path]);
    else await chmod(this.path, 0o777);
    await rm(this.path, { recursive: true });
  }
}
