import { EventEmitter } from 'node:events';

/** How far a reader is, in bytes or characters. */
export interface MemoryFlow {
  readonly read: number;
  /** What has to be read before the writer goes on. */
  readonly unread: number;
}

/**
 * What stands where a connection would: middleware reads from it who asks, and ends the exchange with it.
 *
 * Calls from this process look as those over the loopback interface do.
 */
export class MemorySocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly remoteFamily = 'IPv4';
  readonly localAddress = '127.0.0.1';
  readonly encrypted = false;
  readonly readableHighWaterMark = 65_536;
  readonly writableHighWaterMark = 65_536;
  readonly connecting = false;
  destroyed = false;
  /** What is being answered over it. */
  flow: MemoryFlow | undefined;
  readonly #onDestroy: (error: Error | undefined) => void;

  constructor(onDestroy: (error: Error | undefined) => void) {
    super();
    this.#onDestroy = onDestroy;
  }

  get writableLength(): number {
    return this.flow?.unread ?? 0;
  }

  get bytesWritten(): number {
    return (this.flow?.read ?? 0) + this.writableLength;
  }

  get readable(): boolean {
    return !this.destroyed;
  }

  get writable(): boolean {
    return !this.destroyed;
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.#onDestroy(error);
    process.nextTick(() => this.emit('close', error !== undefined));
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  end(): this {
    return this.destroy();
  }

  cork(): void {}
  uncork(): void {}

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
}
