import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

const ended: IteratorResult<never, undefined> = Object.freeze({ done: true, value: undefined });

/** What a response is made of bit by bit, asked for at the pace of its reader, and given up once that has gone. */
export class Outflow<T> implements AsyncDisposable {
  readonly #res: ServerResponse;
  readonly #source: AsyncIterable<T>;
  readonly #iterator: AsyncIterator<T>;
  /** Ends the waiting for the next part; a promise for the whole response would remember every part it has raced with. */
  #leave: (() => void) | undefined;
  readonly #onClose = () => this.#leave?.();

  constructor(res: ServerResponse, source: AsyncIterable<T>) {
    this.#res = res;
    this.#source = source;
    this.#iterator = source[Symbol.asyncIterator]();
    res.once('close', this.#onClose);
  }

  /** Nobody reads any more, or somebody else has ended the response. */
  get isOver(): boolean {
    return this.#res.destroyed || this.#res.writableEnded;
  }

  /** The next part; none once nobody reads any more. */
  next(): Promise<IteratorResult<T, unknown>> {
    if (this.isOver) return Promise.resolve(ended);
    return new Promise((resolve, reject) => {
      this.#leave = () => resolve(ended);
      this.#iterator.next().then(resolve, reject);
    });
  }

  /** Resolves once the reader wants more. */
  write(part: string | Uint8Array): Promise<void> | undefined {
    if (this.#res.write(part) || this.isOver) return undefined;
    return new Promise(resolve => {
      const done = () => {
        this.#res.off('drain', done);
        resolve();
      };
      this.#leave = done;
      this.#res.on('drain', done);
    });
  }

  /** Writes all that there still is, and ends the response unless somebody else has. */
  async writeRest(this: Outflow<string | Uint8Array>): Promise<void> {
    for (let part = await this.next(); !part.done; part = await this.next()) await this.write(part.value);
    if (!this.isOver) this.#res.end();
  }

  /** Tells the source that this is all. Does not wait for it, as it may be waiting for something itself. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#res.off('close', this.#onClose);
    // Nobody would know what to do with what fails now.
    this.#iterator.return?.().catch(() => {});
    // Its iterator does so only once the next part is there, which may be never.
    if (this.#source instanceof Readable) this.#source.destroy();
    return Promise.resolve();
  }
}

/** Whether a handler has returned what can be sent bit by bit. */
export function isFlowing(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
