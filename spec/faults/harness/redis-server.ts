import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.js';
import { redisCommand } from './redis-command.js';
import { until } from './until.js';

/** How many bytes it may use; `0`: as many as it likes. */
type Bytes = number;

const alive = new Set<ChildProcess>();
process.on('exit', () => alive.forEach(child => child.kill('SIGKILL')));

/** A Redis of a test's own, at a port that it keeps over its restarts, with a password; it keeps nothing on disk. */
export class RedisServer implements AsyncDisposable {
  static readonly password = 'hunter2hunter2';
  readonly port: number;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  /** Leaves out the suite that calls it where the program is not installed; `.ci/run` sees to it that it is. */
  static isUsed(): void {
    before(function () {
      if (spawnSync('redis-server', ['--version']).error) this.skip();
    });
  }

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  /** `options` are those of the program, besides its own. */
  static async start(...options: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://:${RedisServer.password}@127.0.0.1:${this.port}`;
  }

  async restart(): Promise<void> {
    const own = `--port ${this.port} --bind 127.0.0.1 --save  --appendonly no --requirepass ${RedisServer.password}`;
    const options = [...this.#options, ...own.split(' ')];
    this.#process = spawn('redis-server', options, { stdio: 'ignore', cwd: '/tmp' });
    alive.add(this.#process);
    await until('Redis answers', () =>
      this.command('PING').then(
        () => true,
        () => false,
      ),
    );
  }

  async kill(): Promise<void> {
    const child = this.#process!;
    this.#process = undefined;
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    alive.delete(child);
  }

  /** It takes connections, and does nothing else, until it goes on. */
  stall(): void {
    this.#process!.kill('SIGSTOP');
  }

  goOn(): void {
    this.#process!.kill('SIGCONT');
  }

  async limit(maxmemory: Bytes): Promise<void> {
    await this.command('CONFIG', 'SET', 'maxmemory', String(maxmemory));
  }

  /** On a connection of its own. */
  command(...command: string[]): Promise<unknown> {
    return this.commandAs(`:${RedisServer.password}`, ...command);
  }

  /** The same as somebody else. */
  commandAs(user: `${string}:${string}`, ...command: string[]): Promise<unknown> {
    return redisCommand(`redis://${user}@127.0.0.1:${this.port}`, ...command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process) await this.kill();
  }
}
