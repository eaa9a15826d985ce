import type { Logger, LogMeta } from '../../api/logger-service.js';

/**
 * The base of a service of that token that writes through another logger, which nobody else can reach. It is made for
 * the first line: most plugins of a backend say nothing while it starts.
 */
export function forwardingLogger(
  token: abstract new () => Logger,
): new (make: () => Logger) => Pick<Logger, keyof Logger> {
  class ForwardingLogger extends token {
    static {
      Object.freeze(this.prototype);
    }

    readonly #make: () => Logger;
    #made: Logger | undefined;

    constructor(make: () => Logger) {
      super();
      this.#make = make;
    }

    get #logger(): Logger {
      return (this.#made ??= this.#make());
    }

    error(message: string, meta?: LogMeta): void {
      this.#logger.error(message, meta);
    }

    warn(message: string, meta?: LogMeta): void {
      this.#logger.warn(message, meta);
    }

    info(message: string, meta?: LogMeta): void {
      this.#logger.info(message, meta);
    }

    debug(message: string, meta?: LogMeta): void {
      this.#logger.debug(message, meta);
    }

    child(meta: Record<string, unknown>): Logger {
      return this.#logger.child(meta);
    }
  }
  return ForwardingLogger;
}
