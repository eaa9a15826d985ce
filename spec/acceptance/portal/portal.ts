import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Program, type Answer } from '../program.js';

/** One process of the portal. */
interface Part {
  /** In `BACKPLANE_ENV`: the configuration file that is read besides. */
  readonly name?: string;
  readonly plugins: readonly string[];
}

export interface Deployment {
  readonly name: string;
  readonly parts: readonly Part[];
}

export const deployments: readonly Deployment[] = [
  { name: 'in one process', parts: [{ plugins: ['auth', 'catalog', 'search', 'licenses'] }] },
  {
    name: 'split over two processes',
    parts: [
      { name: 'catalog-host', plugins: ['auth', 'catalog'] },
      { name: 'search-host', plugins: ['search', 'licenses'] },
    ],
  },
];

export interface Asking {
  readonly token?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Stats {
  readonly ingestion: readonly { readonly state: string }[];
}

/** The portal as `npm start` starts it, in as many processes as the deployment has. */
export class Portal implements AsyncDisposable {
  readonly programs: readonly Program[];
  readonly #byPlugin: ReadonlyMap<string, Program>;

  private constructor(programs: readonly Program[], { parts }: Deployment) {
    this.programs = programs;
    this.#byPlugin = new Map(parts.flatMap(({ plugins }, i) => plugins.map(plugin => [plugin, programs[i]!] as const)));
  }

  /** Starts all parts at the same time, each at a port of its own; they listen when this is done. */
  static async start(deployment: Deployment, environment: Record<string, string> = {}): Promise<Portal> {
    const ports = await freePorts(2);
    const [PORTAL_CATALOG_PORT = '', PORTAL_SEARCH_PORT = ''] = ports.map(String);
    const programs = await Promise.all(
      deployment.parts.map(({ name }) => {
        const names = [environment['BACKPLANE_ENV'], name].filter(one => one !== undefined);
        const where = {
          ...(names.length > 0 && { BACKPLANE_ENV: names.join(',') }),
          ...(name === undefined && { APP_CONFIG_backend_listen: '0' }),
        };
        return Program.start('samples/backend', {
          environment: { ...environment, ...where, PORTAL_CATALOG_PORT, PORTAL_SEARCH_PORT },
        });
      }),
    );
    return new this(programs, deployment);
  }

  /** Asks the process that has the plugin; what belongs to no plugin, the first one. */
  ask(method: string, path: string, { token, json, headers }: Asking = {}): Promise<Answer> {
    const [, pluginId = ''] = /^\/api\/([^/?]+)/.exec(path) ?? [];
    const program = this.#byPlugin.get(pluginId) ?? this.programs[0]!;
    return program.ask(method, path, {
      headers: {
        ...headers,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  }

  /** What is at `path`, which has to be there. */
  async get<T>(path: string, asking?: Asking): Promise<T> {
    const { status, body } = await this.ask('GET', path, asking);
    expect(status, path).to.equal(200);
    return body as T;
  }

  async guestToken(): Promise<string> {
    const { body } = await this.ask('POST', '/api/auth/guest');
    return (body as { token: string }).token;
  }

  /** Waits until the catalog has read all there is. */
  async read(): Promise<this> {
    for (;;) {
      const { ingestion } = await this.get<Stats>('/api/catalog/stats');
      if (ingestion.length > 0 && ingestion.every(({ state }) => state !== 'reading')) return this;
      await sleep(20);
    }
  }

  get lines(): string[] {
    return this.programs.flatMap(({ lines }) => lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.programs.map(program => program[Symbol.asyncDispose]()));
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(servers.map(server => once(server, 'listening')));
  const ports = servers.map(server => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(server => once(server.close(), 'close')));
  return ports;
}
