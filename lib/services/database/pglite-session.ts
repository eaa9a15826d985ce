import { Duplex } from 'node:stream';

/** What is used here of a PGlite. */
export interface Pglite {
  execProtocolRaw(message: Uint8Array): Promise<Uint8Array>;
  exec(sql: string): Promise<unknown>;
  close(): Promise<void>;
}

type Written = (error?: Error | null) => void;

/** The first byte of the message that ends a connection. */
const terminate = 'X'.charCodeAt(0);

/** How an answer ends after which the next query may come; its last byte tells whether a transaction is open. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5]);
const idle = 'I'.charCodeAt(0);

/**
 * The one session that a PGlite has, for connections of `pg` that come one after the other: each speaks the protocol of
 * PostgreSQL to it as if it were a socket, and the next finds nothing of what it has left open or set.
 */
export class PgliteSession {
  readonly #pglite: Pglite;
  readonly #idleTransactionTimeout: number;
  /** Ends with the connection that was opened last. */
  #free: Promise<void> = Promise.resolve();

  /** A transaction that waits longer than `idleTransactionTimeout`, in ms, for its next query ends its connection. */
  constructor(pglite: Pglite, idleTransactionTimeout: number) {
    this.#pglite = pglite;
    this.#idleTransactionTimeout = idleTransactionTimeout;
  }

  /** What `pg` takes as its `stream`. */
  connect(): Duplex {
    const before = this.#free;
    let left: () => void = () => {};
    this.#free = new Promise(resolve => (left = resolve));
    const stream = new PgliteStream(this.#pglite, before, this.#idleTransactionTimeout);
    stream.once('close', () => void before.then(() => this.#clean()).then(left, left));
    return stream;
  }

  async #clean(): Promise<void> {
    await this.#pglite.exec('ROLLBACK');
    await this.#pglite.exec('DISCARD ALL');
  }
}

class PgliteStream extends Duplex {
  readonly #pglite: Pglite;
  readonly #turn: Promise<void>;
  readonly #idleTimeout: number;
  #idle: NodeJS.Timeout | undefined;

  constructor(pglite: Pglite, turn: Promise<void>, idleTimeout: number) {
    super();
    this.#pglite = pglite;
    this.#turn = turn;
    this.#idleTimeout = idleTimeout;
  }

  connect(): this {
    setImmediate(() => this.emit('connect'));
    return this;
  }

  override _read(): void {}

  override _write(message: Buffer, _: BufferEncoding, written: Written): void {
    // It would end the process of the database, which others are to use.
    if (message[0] === terminate) return written();
    clearTimeout(this.#idle);
    this.#turn
      .then(() => this.#pglite.execProtocolRaw(message))
      .then(answer => {
        if (answer.length > 0) this.push(Buffer.from(answer));
        this.#watch(answer);
        written();
      })
      .catch(written);
  }

  /** PGlite itself lets a transaction wait for ever, and everybody else with it. */
  #watch(answer: Uint8Array): void {
    const isReady = ready.equals(answer.subarray(-6, -1));
    if (this.destroyed || !isReady || answer.at(-1) === idle) return;
    this.#idle = setTimeout(() => {
      const message = `no query came in ${this.#idleTimeout} ms`;
      this.destroy(Object.assign(new Error(message), { code: '25P03' }));
    }, this.#idleTimeout);
  }

  override _destroy(error: Error | null, destroyed: (error?: Error | null) => void): void {
    clearTimeout(this.#idle);
    destroyed(error);
  }

  override _final(written: Written): void {
    this.push(null);
    written();
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
