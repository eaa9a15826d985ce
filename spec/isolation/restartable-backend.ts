import { Backend } from '../../lib/backend/backend.js';
import { RootHttpRouterService } from '../../lib/api/http-services.js';
import type { JsonObject } from '../../lib/api/config-service.js';
import { framework } from '../../lib/composition-root.js';
import type { PluginScopes } from '../../lib/container/plugin-scopes.js';
import type { Scope } from '../../lib/container/scope.js';
import type { Override } from '../../lib/plan/override.js';
import type { UnitTable } from '../../lib/plan/unit.js';
import type { Class } from '../../decorators/tokens.js';
import { RootLoggerService } from '../../lib/api/logger-service.js';
import { type MockLogger, TestRequest, mockServices, override } from '../../lib/testing/index.js';

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

  #logger: MockLogger | undefined;

  /** The log of the backend: what is isolated is logged as an error, which would be no news here. */
  get log(): MockLogger['entries'] {
    return this.#logger!.entries;
  }

  static async of(
    features: readonly Class[],
    { config = {}, overrides = [] }: RestartableOptions = {},
  ): Promise<RestartableBackend> {
    const logger = mockServices.rootLogger();
    const backend = new RestartableBackend(framework, {
      features,
      overrides: [override(RootLoggerService).withValue(logger), ...overrides],
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
    backend.#logger = logger;
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

  /** What is bound in each container of a plugin, by the name of the container. */
  bindings(pluginId: string): Record<string, readonly string[]> {
    const { catalogue, plugins } = this.inspect()!.planned.plan;
    const plan = plugins.find(plugin => plugin.pluginId === pluginId)!;
    const scopes = this.scopes(pluginId);
    const names = (units: UnitTable, scope: Pick<Scope, 'has'>) =>
      [...units.own()].filter(({ key }) => scope.has(key)).map(({ title }) => title);
    return {
      services: [...catalogue.ids()].filter(id => scopes.services.has(id)).toSorted(),
      'services of its own': names(plan.services, scopes.services),
      plugin: names(plan.plugin.units, scopes.plugin),
      ...Object.fromEntries(
        plan.modules.map(({ owner, units }) => {
          const id = 'moduleId' in owner ? owner.moduleId : '';
          return [`module ${id}`, names(units, scopes.module(id)!)];
        }),
      ),
    };
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
