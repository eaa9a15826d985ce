import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { LoggerService, RootLoggerService, type Logger, type LogMeta } from '../../api/logger-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';

/** The log of one plugin: the backend's, with the plugin's id in every line. */
@Service({ implements: LoggerService })
export class PluginLogger extends LoggerService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #root: RootLoggerService;
  readonly #pluginId: string;
  /** Made for the first line: most plugins of a backend say nothing while it starts. */
  #made: Logger | undefined;

  constructor(
    @Inject(RootLoggerService) root: RootLoggerService,
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
  ) {
    super();
    this.#root = root;
    this.#pluginId = plugin.getId();
  }

  get #logger(): Logger {
    return (this.#made ??= this.#root.child({ plugin: this.#pluginId }));
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
