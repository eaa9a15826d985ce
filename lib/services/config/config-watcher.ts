import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fingerprint } from './config-files.js';

export interface ConfigWatcherOptions {
  /** The files to watch and what each looked like when it was read. */
  readonly files: ReadonlyMap<string, string>;
  /** Called when one of them has changed; gives what to watch from now on. Must not fail. */
  readonly reload: () => Promise<ReadonlyMap<string, string>>;
  /** How long the files must have been at rest before they are read, in ms. Default 100. */
  readonly debounce?: number;
  /** How often they are looked at where the system reports nothing, as network drives do, in ms. Default 5000. */
  readonly interval?: number;
}

/**
 * Watches files by their folders, so that files which are replaced, removed and created again, or reached over a link,
 * stay watched. Keeps no process alive.
 */
export class ConfigWatcher implements Disposable {
  readonly #reload: () => Promise<ReadonlyMap<string, string>>;
  readonly #debounce: number;
  readonly #folders = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>();
  readonly #interval: NodeJS.Timeout;
  #files: ReadonlyMap<string, string>;
  #timer: NodeJS.Timeout | undefined;
  #firstEvent = 0;
  #isChecking = false;
  #disposed = false;

  constructor({ files, reload, debounce = 100, interval = 5000 }: ConfigWatcherOptions) {
    this.#files = files;
    this.#reload = reload;
    this.#debounce = debounce;
    this.#interval = setInterval(() => this.#check(), interval).unref();
    this.#check();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearInterval(this.#interval);
    clearTimeout(this.#timer);
    for (const folder of this.#folders.keys()) this.#unwatch(folder);
  }

  /** One look at a time: what changes meanwhile is seen by the next. */
  #check(): void {
    if (this.#disposed || this.#isChecking) return;
    this.#isChecking = true;
    void this.#look().finally(() => (this.#isChecking = false));
  }

  async #look(): Promise<void> {
    await this.#watchFolders();
    if (!(await this.#hasChanged()) || this.#disposed) return;
    this.#files = await this.#reload();
    await this.#watchFolders();
    // An edit during the reload has had its event already.
    if (await this.#hasChanged()) this.#schedule();
  }

  async #hasChanged(): Promise<boolean> {
    const looks = await Promise.all([...this.#files].map(async ([file, before]) => (await look(file)) !== before));
    return looks.includes(true);
  }

  async #watchFolders(): Promise<void> {
    const wanted = new Set([...this.#files.keys()].map(file => dirname(file)));
    for (const folder of this.#folders.keys()) if (!wanted.has(folder)) this.#unwatch(folder);
    for (const folder of wanted) {
      const identity = await identityOf(folder);
      // A folder that was removed and created again is another one, and the old watcher is deaf.
      if (this.#folders.get(folder)?.identity !== identity) this.#unwatch(folder);
      if (identity !== undefined && !this.#folders.has(folder)) this.#watch(folder, identity);
    }
  }

  #watch(folder: string, identity: string): void {
    if (this.#disposed) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => this.#onEvent(folder, name));
      watcher.on('error', () => this.#unwatch(folder));
      this.#folders.set(folder, { watcher, identity });
    } catch {
      // The system has no watchers left, or none for this folder: the interval does.
    }
  }

  #unwatch(folder: string): void {
    this.#folders.get(folder)?.watcher.close();
    this.#folders.delete(folder);
  }

  #onEvent(folder: string, name: string | null): void {
    const isOurs = [...this.#files.keys()].some(file => dirname(file) === folder && basename(file) === name);
    // Kubernetes replaces a mounted folder by renaming a link called '..data'.
    if (name === null || isOurs || name === '..data' || name === basename(folder)) this.#schedule();
  }

  /** Waits until the files are at rest, but not for ever. */
  #schedule(): void {
    if (this.#disposed) return;
    const now = Date.now();
    if (!this.#timer) this.#firstEvent = now;
    else if (now - this.#firstEvent > 10 * this.#debounce) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#check();
    }, this.#debounce).unref();
  }
}

async function look(file: string): Promise<string> {
  try {
    return fingerprint(await stat(file, { bigint: true }));
  } catch {
    return fingerprint(undefined);
  }
}

/** Tells a folder from another one that took its place, which may even get its inode. */
async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino, birthtimeNs } = await stat(folder, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch {
    return undefined;
  }
}
