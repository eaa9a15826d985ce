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

/**
 * The one session that a PGlite has, for connections of `pg` that come one after the other: each speaks the protocol of
 * PostgreSQL to it as if it were a socket, and the next finds nothing of what it has left open or set.
 */
export class PgliteSession {
  readonly #pglite: Pglite;
  /** Ends with the connection that was opened last. */
  #free: Promise<void> = Promise.resolve();

  constructor(pglite: Pglite) {
    this.#pglite = pglite;
  }

  /** What `pg` takes as its `stream`. */
  connect(): Duplex {
    const before = this.#free;
    let left: () => void = () => {};
    this.#free = new Promise(resolve => (left = resolve));
    const stream = new PgliteStream(this.#pglite, before);
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

  constructor(pglite: Pglite, turn: Promise<void>) {
    super();
    this.#pglite = pglite;
    this.#turn = turn;
  }

  connect(): this {
    setImmediate(() => this.emit('connect'));
    return this;
  }

  override _read(): void {}

  override _write(message: Buffer, _: BufferEncoding, written: Written): void {
    // It would end the process of the database, which others are to use.
    if (message[0] === terminate) return written();
    this.#turn
      .then(() => this.#pglite.execProtocolRaw(message))
      .then(answer => {
        if (answer.length > 0) this.push(Buffer.from(answer));
        written();
      })
      .catch(written);
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
