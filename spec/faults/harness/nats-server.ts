import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** Also where only administrators have it in their path. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
const program = folders.map(folder => join(folder, 'nats-server')).find(existsSync);

/** A NATS of a test's own, which it may stop, and start again with what was stored. */
export class NatsServer implements AsyncDisposable {
  static readonly isInstalled = program !== undefined;

  readonly port: number;
  readonly #folder: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** One that is not started yet. */
  static async prepare(...options: string[]): Promise<NatsServer> {
    return new this(await freePort(), await mkdtemp(join(tmpdir(), 'nats-')), options);
  }

  static async start(...options: string[]): Promise<NatsServer> {
    const server = await this.prepare(...options);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const where = ['-a', '127.0.0.1', '-p', String(this.port), '-js', '-sd', this.#folder];
    this.#process = spawn(program!, [...where, ...this.#options], { stdio: 'ignore' });
    await until('NATS to listen', async () => {
      const socket = connect({ host: '127.0.0.1', port: this.port });
      const isThere = await Promise.race([
        once(socket, 'data').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      return isThere;
    });
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }
}
