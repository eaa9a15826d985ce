import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { LoggerService, RootLoggerService } from '../../api/logger-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { forwardingLogger } from './forwarding-logger.js';

/** The log of one plugin: the backend's, with the plugin's id in every line. */
@Service({ implements: LoggerService })
export class PluginLogger extends forwardingLogger(LoggerService) {
  static {
    Object.freeze(this.prototype);
  }

  constructor(
    @Inject(RootLoggerService) root: RootLoggerService,
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
  ) {
    super(() => root.child({ plugin: plugin.getId() }));
  }
}
