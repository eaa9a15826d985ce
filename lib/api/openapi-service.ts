import { Service } from '../../decorators/service.js';
import type { PluginRequest, RouteDefinition } from './http-services.js';

/** What a plugin answers, told when somebody wants to read of it. */
export interface DescribedPlugin {
  readonly pluginId: string;
  /** All routes that it has now. */
  routes(): readonly RouteDefinition[];
  /** Throws, or rejects with, the `HttpError` for whoever the plugin does not know. */
  admit(request: PluginRequest): unknown;
}

/** Documents what the plugins of this backend answer, as OpenAPI 3.1, once somebody asks for it. */
@Service({ id: 'core.openapi', scope: 'root' })
export abstract class OpenApiService {
  /** Documents a plugin from now on; gives back how to end that. What a plugin is given documents only itself. */
  abstract add(plugin: DescribedPlugin): () => void;
}
