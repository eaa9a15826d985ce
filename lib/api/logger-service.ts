import { Service } from '../../decorators/service.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** What goes with a message: an error, or plain data. */
export type LogMeta = Error | Record<string, unknown>;

/** Writes log lines. Never throws, whatever it is given. */
export abstract class Logger {
  abstract error(message: string, meta?: LogMeta): void;
  abstract warn(message: string, meta?: LogMeta): void;
  abstract info(message: string, meta?: LogMeta): void;
  abstract debug(message: string, meta?: LogMeta): void;
  /** A logger that adds `meta` to every line. */
  abstract child(meta: Record<string, unknown>): Logger;
}

/** The log of the whole backend. */
@Service({ id: 'core.root-logger', scope: 'root' })
export abstract class RootLoggerService extends Logger {}

/** The log of one plugin; every line names it. */
@Service({ id: 'core.logger', scope: 'plugin' })
export abstract class LoggerService extends Logger {}
