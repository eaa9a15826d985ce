import {
  Logger,
  type LoggerService,
  type LogLevel,
  type LogMeta,
  type RootLoggerService,
} from '../api/logger-service.js';

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it is told. Children write into the same list. */
export class MockLogger extends Logger implements LoggerService, RootLoggerService {
  readonly entries: LogEntry[];
  readonly #meta: Readonly<Record<string, unknown>>;

  constructor(entries: LogEntry[] = [], meta: Readonly<Record<string, unknown>> = {}) {
    super();
    this.entries = entries;
    this.#meta = meta;
  }

  override error(message: string, meta?: LogMeta): void {
    this.#keep('error', message, meta);
  }

  override warn(message: string, meta?: LogMeta): void {
    this.#keep('warn', message, meta);
  }

  override info(message: string, meta?: LogMeta): void {
    this.#keep('info', message, meta);
  }

  override debug(message: string, meta?: LogMeta): void {
    this.#keep('debug', message, meta);
  }

  override child(meta: Record<string, unknown>): MockLogger {
    return new MockLogger(this.entries, { ...this.#meta, ...meta });
  }

  /** The messages of one level, or of all. */
  messages(level?: LogLevel): string[] {
    return this.entries.filter(entry => level === undefined || entry.level === level).map(entry => entry.message);
  }

  #keep(level: LogLevel, message: string, meta?: LogMeta): void {
    const data = meta instanceof Error ? { error: meta } : meta;
    this.entries.push({ level, message, meta: { ...this.#meta, ...data } });
  }
}
