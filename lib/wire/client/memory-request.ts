import { AsyncResource } from 'node:async_hooks';
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WireRequest } from '../../api/wire-service.js';
import type { MemorySocket } from './memory-socket.js';

/** A request that has come over no network: Node's, but for where its body comes from. */
export class MemoryRequest extends IncomingMessage {
  readonly #body: string | Uint8Array | undefined;
  /** The next part of a body that comes bit by bit; runs in the caller's asynchronous context. */
  readonly #next: (() => Promise<IteratorResult<Uint8Array>>) | undefined;
  readonly #stop: (() => void) | undefined;

  constructor(socket: MemorySocket, { pluginId, method, path, body }: WireRequest, headers: Record<string, string>) {
    super(socket as unknown as Socket);
    this.method = method;
    this.url = `/api/${pluginId}${path}`;
    this.httpVersion = '1.1';
    this.httpVersionMajor = 1;
    this.httpVersionMinor = 1;
    this.headers = headers;
    for (const name in headers) this.rawHeaders.push(name, headers[name]!);
    this.complete = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
      this.#body = body;
    } else {
      const parts = body[Symbol.asyncIterator]();
      this.#next = AsyncResource.bind(() => parts.next());
      this.#stop = AsyncResource.bind(() => void parts.return?.().then(undefined, () => {}));
    }
  }

  /** The answer is there: nobody will read on. */
  leave(): void {
    if (!this.complete || this.listenerCount('close') > 0) this.destroy();
  }

  override _read(): void {
    if (this.#next) {
      this.#next().then(this.#take, (error: Error) => this.socket.destroy(error));
      return;
    }
    // A copy: what the reader does to it, or the caller to the original, the other does not see.
    if (this.#body !== undefined && this.#body.length > 0) this.push(Buffer.from(this.#body as string));
    this.push(null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.complete) {
      this.#stop?.();
      this.aborted = true;
      this.emit('aborted');
    }
    callback(error);
  }

  readonly #take = ({ done, value }: IteratorResult<Uint8Array>): void => {
    if (this.destroyed) return;
    if (!done) {
      if (value instanceof Uint8Array) this.push(Buffer.from(value));
      else this.socket.destroy();
      return;
    }
    this.complete = true;
    this.push(null);
  };
}
