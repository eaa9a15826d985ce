import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  loadConfiguration,
  type ConfigurationOptions,
  type LoadedConfiguration,
} from '../../../lib/services/config/load-configuration.js';

/** A real folder with configuration files, gone at the end of its test. */
export class ConfigFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'config-spec-'));
  readonly #used: Disposable[] = [];

  constructor(files: Record<string, string | Buffer> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  link(name: string, target: string): void {
    symlinkSync(target, join(this.path, name));
  }

  async load(options: Partial<ConfigurationOptions> = {}): Promise<LoadedConfiguration> {
    const loaded = await loadConfiguration({ root: this.path, env: {}, ...options });
    this.use(loaded.config);
    return loaded;
  }

  /** Disposes `value` when the folder goes. */
  use<T extends Disposable>(value: T): T {
    this.#used.push(value);
    return value;
  }

  [Symbol.dispose](): void {
    for (const value of this.#used) value[Symbol.dispose]();
    rmSync(this.path, { recursive: true, force: true });
  }
}
