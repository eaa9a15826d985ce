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
  readonly #loaded: LoadedConfiguration[] = [];

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
    this.#loaded.push(loaded);
    return loaded;
  }

  [Symbol.dispose](): void {
    for (const { config } of this.#loaded) config[Symbol.dispose]();
    rmSync(this.path, { recursive: true, force: true });
  }
}
