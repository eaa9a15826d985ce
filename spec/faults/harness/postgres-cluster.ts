import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { until } from './until.js';

interface Connection {
  connect(): Promise<void>;
  query(sql: string): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

// It has no types of its own.
const { Client } = createRequire(import.meta.url)('pg') as { Client: new (options: object) => Connection };

const programs = folderOfPrograms();

/** A server of PostgreSQL of a test's own, at a free port, whose user needs a password; nothing of it is left in the end. */
export class PostgresCluster implements AsyncDisposable {
  static readonly isInstalled = programs !== undefined;

  readonly port: number;
  readonly password: string;
  readonly #folder: string;
  #server: ChildProcess | undefined;

  private constructor(port: number, password: string, folder: string) {
    this.port = port;
    this.password = password;
    this.#folder = folder;
  }

  static async start(): Promise<PostgresCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
    const cluster = new this(await freePort(), randomBytes(12).toString('hex'), folder);
    const file = join(folder, 'password');
    await writeFile(file, cluster.password);
    const { uid, gid } = owner;
    if (uid !== undefined) await Promise.all([folder, file].map(path => chown(path, uid, gid!)));
    const options = ['-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', file, '-D', join(folder, 'data'), '-N'];
    await promisify(execFile)(join(programs!, 'initdb'), options, { ...owner, env: { LC_ALL: 'C.UTF-8' } });
    await cluster.resume();
    return cluster;
  }

  get url(): string {
    return `postgres://postgres:${this.password}@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts it again, on what it has stored. */
  async resume(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.#folder,
      // A backend that needs more is found out.
      max_connections: 15,
      superuser_reserved_connections: 0,
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const server = spawn(join(programs!, 'postgres'), ['-D', join(this.#folder, 'data'), ...options], {
      ...owner,
      cwd: this.#folder,
      stdio: 'ignore',
    });
    process.once('exit', this.#kill);
    this.#server = server;
    await until('PostgreSQL lets somebody in', () =>
      this.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
  }

  /** Ends it: `fast` ends what is open first, `immediate` is what a crash does. */
  async stop(how: 'fast' | 'immediate'): Promise<void> {
    const server = this.#server!;
    const ended = once(server, 'exit');
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
    process.off('exit', this.#kill);
    this.#server = undefined;
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    await using one = await this.connect();
    return (await one.connection.query(sql)).rows;
  }

  async connect(): Promise<AsyncDisposable & { readonly connection: Connection }> {
    const connection = new Client({ connectionString: this.url });
    connection.on('error', () => {});
    await connection.connect();
    return { connection, [Symbol.asyncDispose]: () => connection.end() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server) await this.stop('immediate');
    await rm(this.#folder, { recursive: true });
  }

  readonly #kill = (): void => void this.#server?.kill('SIGQUIT');
}

/** PostgreSQL refuses to run as root. */
const owner = process.getuid?.() === 0 ? userNamed('postgres') : {};

function userNamed(name: string): { uid?: number; gid?: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find(entry => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined ? {} : { uid: Number(uid), gid: Number(gid) };
}

/** Of the newest that Debian has installed, or where the path leads. */
function folderOfPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map(version => join(debian, version, 'bin')), ...pathFolders()];
  return folders.find(folder => existsSync(join(folder, 'initdb')));
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter);
}
