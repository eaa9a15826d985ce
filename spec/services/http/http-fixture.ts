import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { RouteAnnotation } from '../../../decorators/routes.js';
import type { PluginPhase } from '../../../lib/api/backend-status-service.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import type { Mode } from '../../../lib/api/metadata-services.js';
import { BackendStatus } from '../../../lib/backend/backend-status.js';
import { PluginMetadata, RootInstanceMetadata } from '../../../lib/backend/built-ins.js';
import { StopSteps } from '../../../lib/backend/stop-steps.js';
import { RootHooks, RootLifecycle } from '../../../lib/backend/lifecycle-hooks.js';
import type { Problem } from '../../../lib/errors/problem.js';
import { loadConfiguration } from '../../../lib/services/config/load-configuration.js';
import type { RootConfig } from '../../../lib/services/config/root-config.js';
import { HostDiscovery } from '../../../lib/services/discovery/host-discovery.js';
import { BackendHealth } from '../../../lib/services/health/backend-health.js';
import { PluginAuth } from '../../../lib/services/auth/plugin-auth.js';
import { PluginHttpAuth } from '../../../lib/services/auth/plugin-http-auth.js';
import { RootAuth } from '../../../lib/services/auth/root-auth.js';
import { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { RootRedis } from '../../../lib/services/redis/root-redis.js';
import { RootHttpRouter } from '../../../lib/services/http/root-http-router.js';
import { RootWire } from '../../../lib/wire/client/root-wire.js';
import { MockLogger } from '../../../lib/testing/mock-logger.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** What the text is as JSON. */
  readonly body: unknown;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** A configuration from plain data, with everything around it real. */
export async function configOf(backend: JsonObject): Promise<RootConfig> {
  return (await loadConfiguration({ config: { backend }, root: process.cwd() })).config;
}

/** The real HTTP services around the real status and hooks of a backend, at a free port; plugins are made by hand. */
export class HttpFixture implements AsyncDisposable {
  readonly status: BackendStatus;
  readonly hooks: RootHooks;
  readonly logger: MockLogger;
  readonly health: BackendHealth;
  readonly root: RootHttpRouter;
  readonly #redis: RootRedis;
  readonly #auth: RootAuth;
  readonly #instance: RootInstanceMetadata;
  readonly #ends = new Map<string, () => void>();

  private constructor(
    parts: Omit<HttpFixture, 'port' | 'plugin' | 'route' | 'ask' | 'raw' | 'stop'> & {
      instance: RootInstanceMetadata;
      auth: RootAuth;
      redis: RootRedis;
    },
  ) {
    this.status = parts.status;
    this.hooks = parts.hooks;
    this.logger = parts.logger;
    this.health = parts.health;
    this.root = parts.root;
    this.#auth = parts.auth;
    this.#redis = parts.redis;
    this.#instance = parts.instance;
  }

  static async start(backend: JsonObject = {}, mode: Mode = 'test'): Promise<HttpFixture> {
    const config = await configOf({ listen: { host: '127.0.0.1', port: 0 }, ...backend });
    const status = new BackendStatus();
    status.enter('ready');
    const hooks = new RootHooks();
    const logger = new MockLogger();
    const instance = new RootInstanceMetadata(mode, process.cwd());
    const health = new BackendHealth(status, logger);
    const redis = new RootRedis(logger);
    const lifecycle = new RootLifecycle(hooks);
    const root = await RootHttpRouter.create(config, instance, status, lifecycle, health, logger, redis);
    const discovery = new HostDiscovery(config, status, root, logger, instance);
    const auth = new RootAuth(config, instance, new RootWire(config, discovery, root), discovery, []);
    return new HttpFixture({ status, hooks, logger, health, root, instance, auth, redis } as never);
  }

  get port(): number {
    return this.root.address!.port;
  }

  /** The router of a plugin, which is mounted by that. */
  plugin(pluginId: string, phase: PluginPhase = 'ready'): PluginHttpRouter {
    this.status.enterPlugin(pluginId, phase);
    this.#ends.get(pluginId)?.();
    const logger = this.logger.child({ plugin: pluginId });
    const plugin = new PluginMetadata(pluginId);
    const auth = new PluginAuth(plugin, this.#auth, this.root, undefined);
    const httpAuth = new PluginHttpAuth(auth, plugin, this.#auth, this.root, undefined);
    this.#ends.set(pluginId, () => [httpAuth, auth].forEach(service => service[Symbol.dispose]()));
    return new PluginHttpRouter(this.root, plugin, this.#instance, logger, auth, httpAuth);
  }

  /** Adds an annotated method to the router, open to anybody unless `options` say otherwise. */
  route(
    router: PluginHttpRouter,
    route: `${RouteAnnotation['method']} ${string}`,
    call: (ctx: PluginContext) => unknown,
    { middleware = [], ...options }: Partial<RouteAnnotation> & { middleware?: readonly unknown[] } = {},
  ): void {
    const method = route.slice(0, route.indexOf(' '));
    const path = route.slice(method.length + 1);
    const name = `Fixture.${path.replaceAll('/', '_')}`;
    const annotation = { method, path, allow: 'unauthenticated', ...options };
    router.addMethod({
      pluginId: 'any',
      name,
      decorator: method,
      options: annotation,
      place: undefined,
      middleware,
      call,
    });
  }

  ask(path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answer> {
    return ask(this.port, path, { method, headers });
  }

  /** Sends bytes as they are; gives what comes back until the connection ends. */
  raw(bytes: string): Promise<string> {
    return rawAnswer(connect(this.port, '127.0.0.1'), bytes);
  }

  /** As the backend does it; gives back what went wrong. */
  async stop(urgent = false): Promise<Problem[]> {
    this.status.enter('stopping', urgent);
    const steps = new StopSteps(this.status);
    await this.hooks.beforeShutdown.runTogether(5_000, steps);
    return steps.problems;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.root[Symbol.asyncDispose]();
    await this.#redis[Symbol.asyncDispose]();
  }
}

export function ask(port: number, path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, incoming => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { statusCode = 0, headers: received } = incoming;
        const plain = received['content-type']?.startsWith('application/json') && !received['content-encoding'];
        const json = plain && text !== '';
        resolve({
          status: statusCode,
          headers: received,
          text,
          body: json ? (JSON.parse(text) as unknown) : undefined,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function rawAnswer(socket: Socket, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}
