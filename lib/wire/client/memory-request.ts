import { AsyncResource } from 'node:async_hooks';
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { JsonBody, WireRequest } from '../../api/wire-service.js';
import { JsonCopy } from '../json-copy.js';
import type { MemorySocket } from './memory-socket.js';
import { isJsonBody } from './transport.js';

/** A request that has come over no network: Node's, but for where its body comes from. */
export class MemoryRequest extends IncomingMessage {
  #body: string | Uint8Array | JsonBody | undefined;
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
    this.complete = isWhole(body);
    if (isWhole(body)) {
      this.#body = body;
    } else {
      const parts = body[Symbol.asyncIterator]();
      this.#next = AsyncResource.bind(() => parts.next());
      this.#stop = AsyncResource.bind(() => void parts.return?.().then(undefined, () => {}));
    }
  }

  /** The JSON that is the body, if that is no text and nobody has read of it; it is then the reader's own. */
  takeJson(): JsonCopy | undefined {
    const body = this.#body;
    if (!(body instanceof JsonCopy) || this.readableFlowing !== null || this.readableDidRead) return undefined;
    this.#body = undefined;
    return body;
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
    const body = isJsonBody(this.#body) ? this.#body.text : this.#body;
    if (body !== undefined && body.length > 0) this.push(Buffer.from(body as string));
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

function isWhole(body: WireRequest['body']): body is string | Uint8Array | JsonBody | undefined {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array || isJsonBody(body);
}
