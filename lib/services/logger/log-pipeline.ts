import { Logger, type LogLevel, type LogMeta } from '../../api/logger-service.js';
import type { LineWriter } from './json-line-writer.js';
import { noBindings, type Bindings, type LineComposer } from './line-composer.js';
import type { LoggerSettings } from './logger-settings.js';

/** What every logger of a backend writes through. */
export class LogPipeline {
  settings: LoggerSettings;
  readonly composer: LineComposer;
  readonly #writer: LineWriter;

  constructor(settings: LoggerSettings, composer: LineComposer, writer: LineWriter) {
    this.settings = settings;
    this.composer = composer;
    this.#writer = writer;
  }

  log(level: LogLevel, bindings: Bindings, message: string, meta: LogMeta | undefined): void {
    try {
      if (!this.settings.allows(level, field => fieldOf(field, level, bindings, message, meta))) return;
      const { text, fields } = this.composer.compose(bindings, message, meta);
      this.#writer.write(level, text, fields);
    } catch {
      this.#writer.write('error', 'A line could not be logged.', {});
    }
  }
}

/** A logger that adds its bindings to every line. */
export class BoundLogger extends Logger {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pipeline: LogPipeline;
  #bindings: Bindings;

  constructor(pipeline: LogPipeline, bindings: Bindings = noBindings) {
    super();
    this.#pipeline = pipeline;
    this.#bindings = bindings;
  }

  error(message: string, meta?: LogMeta): void {
    this.#log('error', message, meta);
  }

  warn(message: string, meta?: LogMeta): void {
    this.#log('warn', message, meta);
  }

  info(message: string, meta?: LogMeta): void {
    this.#log('info', message, meta);
  }

  debug(message: string, meta?: LogMeta): void {
    this.#log('debug', message, meta);
  }

  child(meta: Record<string, unknown>): Logger {
    return new BoundLogger(this.#pipeline, this.#pipeline.composer.bind(this.#bindings, meta));
  }

  #log(level: LogLevel, message: string, meta: LogMeta | undefined): void {
    this.#bindings = this.#pipeline.composer.renew(this.#bindings);
    this.#pipeline.log(level, this.#bindings, message, meta);
  }
}

/** A field's value as the author gave it: overrides are asked before anything is copied. */
function fieldOf(field: string, level: LogLevel, bindings: Bindings, message: unknown, meta: unknown): unknown {
  if (field === 'message') return message;
  if (field === 'level') return level;
  if (typeof meta === 'object' && meta !== null && !(meta instanceof Error) && Object.hasOwn(meta, field)) {
    return (meta as Record<string, unknown>)[field];
  }
  return bindings.fields[field];
}
