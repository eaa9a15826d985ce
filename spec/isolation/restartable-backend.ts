import { Backend } from '../../lib/backend/backend.js';
import { RootHttpRouterService } from '../../lib/api/http-services.js';
import type { JsonObject } from '../../lib/api/config-service.js';
import { framework } from '../../lib/composition-root.js';
import type { PluginScopes } from '../../lib/container/containers.js';
import type { Override } from '../../lib/plan/override.js';
import type { Class } from '../../decorators/tokens.js';
import { RootLoggerService } from '../../lib/api/logger-service.js';
import { TestRequest, mockServices, override } from '../../lib/testing/index.js';

interface RestartableOptions {
  readonly config?: JsonObject;
  readonly overrides?: readonly Override[];
}

/** A backend without a port whose plugins can be isolated, as after an error that nobody caught. */
export class RestartableBackend extends Backend {
  readonly request = new TestRequest((request, response) => {
    const router = this.inspect()!.containers.root.get('core.root-http-router') as RootHttpRouterService;
    router.handler(request, response);
  });

  static async of(
    features: readonly Class[],
    { config = {}, overrides = [] }: RestartableOptions = {},
  ): Promise<RestartableBackend> {
    const backend = new RestartableBackend(framework, {
      features,
      // What is isolated is logged as an error: that is no news here.
      overrides: [override(RootLoggerService).withValue(mockServices.rootLogger()), ...overrides],
      mode: 'test',
      config: {
        ...config,
        backend: {
          listen: false,
          baseUrl: 'http://localhost',
          startup: { retry: { initialDelay: 1, maxDelay: 1 } },
          supervision: { default: { onStrayError: 'isolate' }, intensity: { restarts: 1_000 } },
        },
      },
    });
    await backend.start();
    return backend;
  }

  scopes(pluginId: string): PluginScopes {
    return this.inspect()!.plugins.runner(pluginId)!.scopes;
  }

  /** The instance of a class in a plugin, as it is now. */
  instance<T>(target: Class<T>, pluginId: string): T {
    return this.scopes(pluginId).plugin.get(target) as T;
  }

  /** Isolates the plugin, and waits until it is back. */
  async restart(pluginId: string): Promise<void> {
    const back = new Promise<void>(resolve => {
      const unsubscribe = this.status.subscribe(event => {
        if (event.type !== 'plugin-started' || event.pluginId !== pluginId) return;
        unsubscribe();
        resolve();
      });
    });
    if (!this.takeStrayError(new Error('stray'), pluginId)) throw new Error(`${pluginId} was not isolated`);
    await back;
  }
}
