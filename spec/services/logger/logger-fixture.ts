import type { JsonObject } from '../../../lib/api/config-service.js';
import { RootInstanceMetadataService, type InstalledPlugin, type Mode } from '../../../lib/api/metadata-services.js';
import { RootSecretsService } from '../../../lib/api/root-secrets-service.js';
import type { OutputStream } from '../../../lib/services/logger/bounded-output.js';
import { RootLogger } from '../../../lib/services/logger/root-logger.js';
import { PlainConfig } from './plain-config.js';

export class FixedSecrets extends RootSecretsService {
  readonly #listeners = new Set<() => void>();
  #values: readonly string[];

  constructor(values: readonly string[] = []) {
    super();
    this.#values = values;
  }

  /** What a reload does: these are the secrets now. */
  replace(values: readonly string[]): void {
    this.#values = values;
    for (const listener of this.#listeners) listener();
  }

  values(): readonly string[] {
    return this.#values;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

class FixedInstance extends RootInstanceMetadataService {
  readonly mode: Mode;
  readonly root = process.cwd();

  constructor(mode: Mode) {
    super();
    this.mode = mode;
  }

  getInstalledPlugins(): readonly InstalledPlugin[] {
    return [];
  }
}

/** Keeps what is written. */
export class MemoryOutput implements OutputStream {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string, done: () => void): boolean {
    this.text += text;
    done();
    return true;
  }

  on(): void {}

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export type JsonLine = Record<string, unknown> & { level: string; time: string; message: string };

export interface LoggerFixtureOptions {
  readonly mode?: Mode;
  readonly config?: JsonObject;
  readonly secrets?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly isTTY?: boolean;
}

/** A root logger that writes into memory. */
export async function loggerFixture(options: LoggerFixtureOptions = {}) {
  const config = new PlainConfig(options.config);
  const secrets = new FixedSecrets(options.secrets);
  const output = new MemoryOutput(options.isTTY);
  const logger = await RootLogger.create(config, new FixedInstance(options.mode ?? 'production'), secrets, {
    output,
    environment: options.environment ?? {},
  });
  const lines = (): JsonLine[] => output.lines.map(line => JSON.parse(line) as JsonLine);
  const last = (): JsonLine => lines().at(-1)!;
  return { logger, config, secrets, output, lines, last };
}
