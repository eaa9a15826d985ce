import type { Problem } from '../../errors/problem.js';
import type { ConfigStore } from './config-store.js';
import { ConfigWatcher } from './config-watcher.js';
import type { ConfigReading } from './read-configuration.js';

/**
 * Reads the configuration again when one of its files has changed. What cannot be used is reported, and the last good
 * configuration stays until a good one follows.
 */
export class ConfigReloader implements Disposable {
  readonly #store: ConfigStore;
  readonly #read: (before: ConfigReading) => Promise<ConfigReading>;
  readonly #watcher: ConfigWatcher;
  #good: ConfigReading;
  #disposed = false;

  constructor(store: ConfigStore, first: ConfigReading, read: (before: ConfigReading) => Promise<ConfigReading>) {
    this.#store = store;
    this.#good = first;
    this.#read = read;
    this.#watcher = new ConfigWatcher({ files: first.files, reload: () => this.#reload() });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#watcher[Symbol.dispose]();
  }

  async #reload(): Promise<ReadonlyMap<string, string>> {
    const reading = await this.#read(this.#good);
    if (this.#disposed) return reading.files;
    if (reading.problems.length > 0) {
      this.#reject(reading.problems);
      return reading.files;
    }
    const known = new Set(this.#good.warnings.map(identify));
    for (const warning of reading.warnings) if (!known.has(identify(warning))) this.#store.warn(warning);
    this.#good = reading;
    this.#store.replace(reading.tree);
    return reading.files;
  }

  #reject(problems: readonly Problem[]): void {
    const reasons = problems.length === 1 ? '1 reason' : `${problems.length} reasons`;
    this.#store.warn({
      code: 'CONFIG_NOT_RELOADED',
      message: `The changed configuration cannot be used, for ${reasons}; the last good one stays`,
      path: [],
      fix: 'correct what follows; the files are read again as soon as they change.',
    });
    for (const problem of problems) this.#store.warn(problem);
  }
}

function identify({ code, message }: Problem): string {
  return `${code} ${message}`;
}
