import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.js';
import { get } from './http-get.js';
import { until } from './until.js';

/** Also where only administrators have it in their path. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
const program = folders.map(folder => join(folder, 'haproxy')).find(existsSync);

/** A balancer before servers of this machine. It asks for their readiness, and never sends a request a second time. */
export class Haproxy implements AsyncDisposable {
  static readonly isInstalled = program !== undefined;

  readonly port: number;
  readonly #statistics: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, statistics: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.#statistics = statistics;
    this.#process = child;
    this.#folder = folder;
  }

  /** Before servers at these ports; all of them are up when this is done. */
  static async start(servers: readonly number[], readiness: string): Promise<Haproxy> {
    const [port, statistics] = [await freePort(), await freePort()];
    const folder = await mkdtemp(join(tmpdir(), 'haproxy-'));
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, configurationOf(port, statistics, servers, readiness));
    const child = spawn(program!, ['-db', '-q', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    const haproxy = new this(port, statistics, child, folder);
    for (const server of servers) await haproxy.seesUp(server);
    return haproxy;
  }

  /** Waits until it sends requests to the server at that port. */
  async seesUp(server: number): Promise<void> {
    await until(`haproxy to see the server at ${server}`, async () => {
      const { text } = await get(this.#statistics, '/;csv').catch(() => ({ text: '' }));
      return new RegExp(`^servers,at-${server},.*,UP,`, 'm').test(text);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await rm(this.#folder, { recursive: true });
  }
}

function configurationOf(port: number, statistics: number, servers: readonly number[], readiness: string): string {
  return `
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 10s
  timeout check 1s
  retries 0
frontend all
  bind 127.0.0.1:${port}
  default_backend servers
backend servers
  balance roundrobin
  option httpchk GET ${readiness}
  http-check expect status 200
${servers.map(at => `  server at-${at} 127.0.0.1:${at} check inter 200ms fall 2 rise 1`).join('\n')}
listen statistics
  bind 127.0.0.1:${statistics}
  stats enable
  stats uri /
`;
}
