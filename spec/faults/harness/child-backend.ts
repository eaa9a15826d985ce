import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Canary } from './canary.js';
import { LogLines, type LogLine } from './log-lines.js';
import { nightly } from './nightly.js';
import { pause } from './pause.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** On the clock of `performance.now()`, as everything here. */
  readonly at: number;
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Merged into `backend` of the fixture's configuration, key by key at the top. */
  readonly backend?: Readonly<Record<string, unknown>>;
  /** Node's own options. */
  readonly nodeOptions?: readonly string[];
  /** Whose process it is; ours where absent. */
  readonly as?: { readonly uid: number; readonly gid: number };
  /** How many files and sockets it may have open. */
  readonly openFiles?: number;
  /** How long its files may become, in KiB: whatever is further is refused, as on a disk that is full. */
  readonly fileSize?: number;
}

const fixtures = join(import.meta.dirname, '../fixtures');
/** No child outlives this, whatever its spec does, in ms. */
const lifetime = nightly(60_000, 600_000);
const alive = new Set<ChildProcess>();
process.on('exit', () => alive.forEach(child => child.kill('SIGKILL')));

/** A backend in a real process of its own, which ends with the variable that holds it. */
export class ChildBackend implements AsyncDisposable {
  readonly spawnedAt = performance.now();
  readonly log = new LogLines();
  stderr = '';
  /** A secret of its configuration, which it must never tell. */
  readonly canary = new Canary();
  readonly #process: ChildProcess;
  readonly #exit: Promise<Exit>;
  #ended = false;

  /** Runs the fixture of that name, and does not wait for anything. */
  constructor(
    fixture: string,
    { env = {}, backend = {}, nodeOptions = [], as, openFiles, fileSize }: SpawnOptions = {},
  ) {
    const { PATH = '' } = process.env;
    const database = { client: 'pg', connection: { password: this.canary.value } };
    const command = [process.execPath, ...nodeOptions, join(fixtures, `${fixture}.js`)];
    const limits = [
      ...(openFiles === undefined ? [] : [`ulimit -n ${openFiles}; `]),
      // In the units of a shell, which are 512 bytes.
      ...(fileSize === undefined ? [] : [`ulimit -f ${fileSize * 2}; `]),
    ];
    this.#process = spawn('/bin/sh', ['-c', `${limits.join('')}exec "$0" "$@"`, ...command], {
      // Nothing else of ours: neither a mode nor options of the test runner.
      env: { PATH, BACKPLANE_MODE: 'test', FIXTURE_BACKEND: JSON.stringify({ database, ...backend }), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: lifetime,
      killSignal: 'SIGKILL',
      ...as,
    });
    alive.add(this.#process);
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => this.log.add(text));
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#exit = new Promise(resolve => {
      let at = 0;
      this.#process.on('exit', () => (at = performance.now()));
      // Later than 'exit': by then all that it said has been read.
      this.#process.on('close', (code, signal) => {
        alive.delete(this.#process);
        this.#ended = true;
        this.log.end();
        resolve({ code, signal, at });
      });
    });
  }

  get pid(): number {
    return this.#process.pid!;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The port, once it is listened at. */
  async port(timeout = 10_000): Promise<number> {
    const { fields } = await this.line(line => line.message.startsWith('Listening at'), timeout);
    return fields['port'] as number;
  }

  /** The first line that fits, past or to come. */
  line(fits: (line: LogLine) => boolean, timeout = 10_000): Promise<LogLine> {
    return this.#within(timeout, 'a line of its log', this.log.find(fits));
  }

  async started(timeout = 10_000): Promise<this> {
    await this.line(({ message }) => message.startsWith('Backend started'), timeout);
    return this;
  }

  /** Gives the time of the signal. */
  kill(signal: NodeJS.Signals): number {
    this.#process.kill(signal);
    return performance.now();
  }

  exit(timeout = 35_000): Promise<Exit> {
    return this.#within(timeout, 'its end', this.#exit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#process.kill('SIGKILL');
    await this.#exit;
    this.canary.isNowhereIn(this.log.text, this.stderr);
  }

  async #within<T>(timeout: number, what: string, awaited: Promise<T>): Promise<T> {
    using late = pause(timeout);
    const inTime = await Promise.race([awaited.then(value => ({ value })), late.then(() => undefined)]);
    if (inTime) return inTime.value;
    throw new Error(`waited ${timeout} ms for ${what}\n--- log\n${this.log.text}\n--- stderr\n${this.stderr}`);
  }
}

/** A child backend that is started. */
export async function spawnBackend(
  fixture: string,
  options?: SpawnOptions,
): Promise<ChildBackend & { readonly at: number }> {
  const child = new ChildBackend(fixture, options);
  try {
    const at = await child.port();
    await child.started();
    return Object.assign(child, { at });
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}

/** A child backend that is expected to end by itself, once it has. */
export async function runBackend(
  fixture: string,
  options?: SpawnOptions & { within?: number },
): Promise<ChildBackend & Exit & { readonly duration: number }> {
  const child = new ChildBackend(fixture, options);
  try {
    const exit = await child.exit(options?.within);
    return Object.assign(child, exit, { duration: exit.at - child.spawnedAt });
  } finally {
    await child[Symbol.asyncDispose]();
  }
}
