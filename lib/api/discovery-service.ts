import { Service } from '../../decorators/service.js';

/** Where plugins are reached. */
@Service({ id: 'core.discovery', scope: 'root' })
export abstract class DiscoveryService {
  /** The address at which other plugins reach `pluginId`, as `http://localhost:7007/api/catalog`. */
  abstract getBaseUrl(pluginId: string): Promise<string>;
  /** The address at which the world outside reaches it. */
  abstract getExternalBaseUrl(pluginId: string): Promise<string>;
  /** Whether somebody has said where it is, or it runs here; asks nobody, and is quick. */
  abstract knows(pluginId: string): boolean;
  /** Whether it runs in this process, so that calls need no socket. */
  abstract isLocal(pluginId: string): boolean;
}
