import { Get, Plugin, Post, Service, type PluginContext } from '../../lib/index.js';
import type { Class } from '../../decorators/tokens.js';
import type { JsonObject } from '../../lib/api/config-service.js';
import { BackendStatusService } from '../../lib/api/backend-status-service.js';
import { DiscoveryService } from '../../lib/api/discovery-service.js';
import { RootHttpRouterService } from '../../lib/api/http-services.js';
import { TestBackend, type TestBackendOptions } from '../../lib/testing/index.js';
import { ask, type Answer } from '../services/http/http-fixture.js';

/** A plugin with a route of every kind. */
@Plugin({ pluginId: 'a' })
export class GuardedPlugin {
  @Get('/undeclared')
  undeclared({ credentials }: PluginContext): unknown {
    return credentials;
  }

  @Get('/open', { allow: 'unauthenticated' })
  open({ credentials }: PluginContext): unknown {
    return credentials;
  }

  @Get('/users', { allow: ['user'] })
  users({ credentials }: PluginContext): unknown {
    return credentials;
  }

  @Get('/services', { allow: ['service'] })
  services({ credentials }: PluginContext): unknown {
    return credentials;
  }

  @Get('/pages', { allow: ['user-cookie'] })
  pages({ credentials }: PluginContext): unknown {
    return credentials;
  }

  @Post('/pages', { allow: ['user-cookie'] })
  change({ credentials }: PluginContext): unknown {
    return credentials;
  }
}

/** Tells the address of the plugins that run elsewhere. */
export function discovering(urls: Readonly<Record<string, () => string>>): Class {
  @Service({ implements: DiscoveryService })
  class KnownAddresses extends DiscoveryService {
    constructor(readonly status: BackendStatusService) {
      super();
    }

    override getBaseUrl(pluginId: string): Promise<string> {
      const url = urls[pluginId] ?? urls['*'];
      return url ? Promise.resolve(url()) : Promise.reject(new Error('unknown'));
    }

    override getExternalBaseUrl(pluginId: string): Promise<string> {
      return Promise.resolve(`https://portal.example.com/api/${pluginId}`);
    }

    override knows(pluginId: string): boolean {
      return this.isLocal(pluginId) || pluginId in urls || '*' in urls;
    }

    override isLocal(pluginId: string): boolean {
      return this.status.plugin(pluginId) !== undefined;
    }
  }
  return KnownAddresses;
}

/** A backend at a port of its own; what it logs is not read. */
export class GuardedBackend implements AsyncDisposable {
  readonly backend: TestBackend;

  private constructor(backend: TestBackend) {
    this.backend = backend;
  }

  static async start({ config = {}, ...options }: TestBackendOptions): Promise<GuardedBackend> {
    const { backend, ...rest } = config;
    const listening = {
      listen: { host: '127.0.0.1', port: 0 },
      logger: { level: 'silent' },
      ...(backend as JsonObject),
    };
    return new this(await TestBackend.start({ ...options, config: { ...rest, backend: listening } }));
  }

  get port(): number {
    return this.backend.get(RootHttpRouterService).address!.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Over a socket. */
  async get(path: string, token?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, token, headers);
  }

  async send(method: string, path: string, token?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const authorization = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    return ask(this.port, path, { method, headers: { ...authorization, ...headers } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backend.stop();
  }
}

export const publicKeysOf = (pluginId: string): string => `/api/${pluginId}/.backplane/auth/v1/jwks.json`;
