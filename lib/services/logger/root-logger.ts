import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { RootLoggerService, type Logger } from '../../api/logger-service.js';
import { RootInstanceMetadataService } from '../../api/metadata-services.js';
import { RootSecretsService } from '../../api/root-secrets-service.js';
import { BoundedOutput, type OutputStream } from './bounded-output.js';
import { developmentLineWriter } from './development-line-writer.js';
import { forwardingLogger } from './forwarding-logger.js';
import { jsonLineWriter } from './json-line-writer.js';
import { LineComposer, noBindings } from './line-composer.js';
import { BoundLogger, LogPipeline } from './log-pipeline.js';
import { LoggerSettings } from './logger-settings.js';
import { Redactor } from './redactor.js';

/** Where a log goes, and the environment variables that shape it: `LOG_LEVEL` and `NO_COLOR`. */
export interface LogHost {
  readonly output: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How long the end of a backend may wait for somebody to read the last lines, in ms. */
const flushDeadline = 2_000;

/**
 * The log of the backend on standard output: JSON lines, or readable ones in development.
 *
 * The level is `LOG_LEVEL`, else `backend.logger.level`, else `info`; `backend.logger.overrides` says otherwise for
 * lines with certain fields. Level and overrides follow the configuration; an invalid change is logged and ignored.
 * A line is at most 64 KiB long and contains none of the secrets of the configuration.
 */
@Service({
  implements: RootLoggerService,
  create: [RootConfigService, RootInstanceMetadataService, RootSecretsService],
})
export class RootLogger extends forwardingLogger(RootLoggerService) {
  readonly #output: BoundedOutput;
  readonly #subscription: { unsubscribe(): void };

  /** Made by `create()`. */
  constructor(logger: Logger, output: BoundedOutput, subscription: { unsubscribe(): void }) {
    super(() => logger);
    this.#output = output;
    this.#subscription = subscription;
  }

  /** Throws a `ConfigError` where the level or an override is invalid. */
  static async create(
    config: RootConfigService,
    instance: RootInstanceMetadataService,
    secrets: RootSecretsService,
    host: LogHost = { output: process.stdout, environment: process.env },
  ): Promise<RootLogger> {
    const settings = LoggerSettings.read(config, host.environment);
    const meta = config.getOptional('backend.logger.meta') ?? {};
    const output = new BoundedOutput(host.output);
    const colour = host.output.isTTY === true && !host.environment['NO_COLOR'];
    const development = instance.mode === 'development';
    const writer = development ? developmentLineWriter(output, { colour }) : jsonLineWriter(output);

    const composer = new LineComposer(new Redactor(secrets), ['plugin', ...Object.keys(meta)]);
    const pipeline = new LogPipeline(settings, composer, writer);
    const logger = new BoundLogger(pipeline, composer.bind(noBindings, meta));
    output.onDropped = count =>
      logger.warn(`${count} lines dropped: the output was not read fast enough`, { dropped: count });
    const subscription = config.subscribe(() => {
      try {
        pipeline.settings = LoggerSettings.read(config, host.environment);
      } catch (error) {
        logger.error('The log settings are invalid; the previous ones stay in force', { error });
      }
    });
    return new this(logger, output, subscription);
  }

  /** Waits up to 2 s for the last lines to be read. Lines may still be logged afterwards. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription.unsubscribe();
    await this.#output.flush(flushDeadline);
  }
}
