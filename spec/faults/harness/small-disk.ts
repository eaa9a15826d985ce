import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
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
    if (isReal) await chmod(path, 0o777);
    return new this(path, isReal);
  }

  async grow(size: number): Promise<void> {
    await run('mount', ['-o', `remount,size=${size}m`, this.path]);
  }

  /** As an operator does, or after an error of the medium; root may write nevertheless where it is not real. */
  async forbidWriting(): Promise<void> {
    if (this.isReal) await run('mount', ['-o', 'remount,ro', this.path]);
    else await chmod(this.path, 0o555);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isReal) await run('umount', ['-l', this.path]);
    else await chmod(this.path, 0o777);
    await rm(this.path, { recursive: true });
  }
}
