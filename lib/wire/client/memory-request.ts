import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WireRequest } from '../../api/wire-service.js';
import type { MemorySocket } from './memory-socket.js';

/** A request that has come over no network: Node's, but for where its body comes from. */
export class MemoryRequest extends IncomingMessage {
  readonly #body: WireRequest['body'];
  #hasBegun = false;
  #wanted: (() => void) | undefined;

  constructor(socket: MemorySocket, { pluginId, method, path, body }: WireRequest, headers: Record<string, string>) {
    super(socket as unknown as Socket);
    this.method = method;
    this.url = `/api/${pluginId}${path}`;
    this.httpVersion = '1.1';
    this.httpVersionMajor = 1;
    this.httpVersionMinor = 1;
    this.headers = headers;
    for (const name in headers) this.rawHeaders.push(name, headers[name]!);
    this.#body = body;
    this.complete = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  }

  /** Hands over what the caller gives bit by bit, in the caller's own context and at the pace of whoever reads it. */
  async pump(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of body) {
        if (this.destroyed) return;
        if (!this.push(Buffer.from(chunk))) await new Promise<void>(resolve => (this.#wanted = resolve));
        if (this.destroyed) return;
      }
      this.complete = true;
      this.push(null);
    } catch (error) {
      this.socket.destroy(error as Error);
      throw error;
    }
  }

  /** Nobody will read on. */
  leave(): void {
    if (!this.complete || this.listenerCount('close') > 0) this.destroy();
  }

  override _read(): void {
    if (!this.complete || this.#hasBegun) return this.#want();
    this.#hasBegun = true;
    const body = this.#body as string | Uint8Array | undefined;
    // A copy: what the reader does to it, or the caller to the original, the other does not see.
    if (body !== undefined && body.length > 0) this.push(Buffer.from(body as string));
    this.push(null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#want();
    if (!this.complete && !this.readableEnded) {
      this.aborted = true;
      this.emit('aborted');
    }
    callback(error);
  }

  #want(): void {
    this.#wanted?.();
    this.#wanted = undefined;
  }
}
