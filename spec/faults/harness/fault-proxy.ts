import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { pause } from './pause.js';

/**
 * What happens to bytes on their way:
 * - `pass`: nothing.
 * - `refuse`: nobody listens any more; connections that are open are reset.
 * - `reset`: connections are taken, and reset at once; so are those that are open.
 * - `blackhole`: connections are taken and stay open, and nothing arrives, neither there nor here, before it is over: then
 *   everything does, as TCP sends it again.
 * - `{ delay }`: everything arrives so many ms late.
 */
export type Fault = 'pass' | 'refuse' | 'reset' | 'blackhole' | { readonly delay: number };

/** Stands between a program and a server of this machine, and breaks what is between them as a test says. */
export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  #target: URL;
  readonly #sockets = new Set<Socket>();
  /** Each with what it waits for before it speaks again. */
  readonly #silent = new WeakMap<Socket, Promise<void>>();
  #fault: Fault = 'pass';
  readonly #changes = new EventEmitter().setMaxListeners(0);

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', client => this.#join(client));
  }

  static async before(target: URL): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new this(server, target);
  }

  /** The target's address, by way of this. */
  get url(): string {
    return Object.assign(new URL(this.#target.href), { host: `127.0.0.1:${this.port}` }).href;
  }

  /** Connections lead there from now on; those that are open stay where they are. */
  leadTo(target: URL): void {
    this.#target = target;
  }

  /** How many connections are open on the side of the program. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** From now on; for connections that are open, too. */
  async set(fault: Fault): Promise<void> {
    const listened = this.#fault !== 'refuse';
    this.#fault = fault;
    this.#changes.emit('change');
    if (fault === 'refuse' || fault === 'reset') this.#resetAll();
    if (fault === 'refuse' && listened) this.#server.close();
    if (fault !== 'refuse' && !listened) {
      this.#server.listen(this.port, '127.0.0.1');
      await once(this.#server, 'listening');
    }
  }

  /**
   * Nothing that is sent on connections that are open now arrives before what this gives is called, which may be never; new
   * ones are as always.
   */
  silence(): () => void {
    let speak = () => {};
    const over = new Promise<void>(resolve => (speak = resolve));
    for (const socket of this.#sockets) this.#silent.set(socket, over);
    return speak;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#resetAll();
    this.#fault = 'reset';
    this.#changes.emit('change');
    if (this.#server.listening) {
      this.#server.close();
      await once(this.#server, 'close');
    }
  }

  #resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #join(client: Socket): void {
    client.on('error', () => {});
    if (this.#fault === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: this.#target.hostname, port: Number(this.#target.port) });
    server.on('error', () => client.resetAndDestroy());
    this.#carry(client, server);
    this.#carry(server, client);
  }

  #carry(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', bytes => void this.#pass(bytes, to));
    from.on('end', () => void this.#pass(undefined, to));
    from.on('close', () => {
      this.#sockets.delete(from);
      // A server behind a black hole does not learn that its client has gone, nor the other way round.
      if (this.#fault !== 'blackhole' && !this.#silent.has(to)) to.destroy();
    });
  }

  async #pass(bytes: Buffer | undefined, to: Socket): Promise<void> {
    while (this.#fault === 'blackhole') await once(this.#changes, 'change');
    const fault = this.#fault;
    if (typeof fault === 'object') {
      using late = pause(fault.delay);
      await late;
    }
    await this.#silent.get(to);
    if (to.destroyed) return;
    if (bytes) to.write(bytes);
    else to.end();
  }
}
