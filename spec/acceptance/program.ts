import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url));

const startTimeout = 10_000;

export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to ours. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** What JSON it is. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** A program as its users run it: a process of its own, started by the command in its package.json, on a free port. */
export class Program implements AsyncDisposable {
  /** Where it says it listens. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: { text: string };
  readonly #data: string;

  private constructor(url: string, child: ChildProcess, output: { text: string }, data: string) {
    this.#data = data;
    this.url = url;
    this.#child = child;
    this.#output = output;
  }

  /**
   * Starts what `npm start` starts in a folder of the repository, from there or from another working directory; it
   * listens when this is done, at a free port unless `environment` says otherwise. Its databases are its own.
   */
  static async start(
    folder: string,
    { cwd = `${repository}${folder}`, environment = { APP_CONFIG_backend_listen: '0' } }: ProgramOptions = {},
  ): Promise<Program> {
    const path = `${repository}${folder}`;
    const { scripts } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as { scripts: { start: string } };
    const args = scripts.start.split(' ').slice(1);
    const file = args.findIndex(argument => argument.endsWith('.js'));
    args[file] = `${path}/${args[file]}`;
    const { NODE_ENV: _, ...env } = process.env;
    const data = mkdtempSync(join(tmpdir(), 'backplane-data-'));
    const child = spawn(process.execPath, args, { cwd, env: { ...env, PORTAL_DATA: data, ...environment } });
    const output = { text: '' };
    const url = new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output.text += chunk.toString();
        const listening = /Listening at (http:\S+)/.exec(output.text);
        if (listening) resolve(listening[1]!);
      };
      const fail = (why: string): void => reject(new Error(`${scripts.start} ${why}:\n${output.text}`));
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', code => fail(`ended with ${code}`));
      setTimeout(() => fail('does not listen'), startTimeout).unref();
    });
    try {
      return new Program(await url, child, output, data);
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(data, { recursive: true });
      throw error;
    }
  }

  /** All that it has printed, line by line. */
  get lines(): string[] {
    return this.#output.text.split('\n').filter(line => line !== '');
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  async ask(method: string, path: string, init: Pick<RequestInit, 'headers' | 'body'> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { method, ...init, signal: AbortSignal.timeout(10_000) });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  /** Sends a signal and waits for the end. */
  async end(signal: 'SIGINT' | 'SIGTERM'): Promise<{ code: number | null; milliseconds: number }> {
    const begin = performance.now();
    const closed = once(this.#child, 'close');
    this.#child.kill(signal);
    const [code] = (await closed) as [number | null];
    return { code, milliseconds: performance.now() - begin };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, 'close');
      this.#child.kill('SIGKILL');
      await closed;
    }
    rmSync(this.#data, { recursive: true, force: true });
  }
}
