import type { IncomingMessage } from 'node:http';
import type { WireResponse } from '../../api/wire-service.js';
import type { Patience } from './patience.js';
import { isOfConnection, type SentCall } from './transport.js';
import { brokenOff, tooLarge } from './wire-errors.js';

/** What a plugin answers over HTTP. Nothing is decoded but what HTTP itself has put around it. */
export class HttpAnswer implements WireResponse {
  readonly status: number;
  readonly headers: WireResponse['headers'];
  readonly #incoming: IncomingMessage;
  readonly #call: SentCall;
  readonly #patience: Patience;
  /** Somebody reads all there will be. */
  #isCollecting = false;
  /** Why it ends before its end. */
  #failure: { readonly error: unknown } | undefined;

  constructor(incoming: IncomingMessage, call: SentCall, patience: Patience) {
    this.#incoming = incoming;
    this.#call = call;
    this.#patience = patience;
    this.status = incoming.statusCode!;
    this.headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !isOfConnection(name)));
    // An answer that has come and is not read outlives its connection, which nobody has to get back then.
    const { socket } = incoming;
    const stop = (): void => {
      patience.stop();
      socket.off('close', stop);
    };
    socket.once('close', stop);
    incoming.once('close', stop);
    // Whoever reads is told; where nobody does, it is nobody's error.
    incoming.on('error', () => {});
  }

  async text(limit = this.#call.maxResponseSize): Promise<string> {
    this.#isCollecting = true;
    this.#patience.resume();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.body) {
      size += chunk.length;
      if (size > limit) throw tooLarge(this.#call.operation, this.status, limit);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  /** What is short is read to its end, so that the connection can be used again. */
  cancel(): void {
    const length = this.#incoming.headers['content-length'];
    const isShort = this.#incoming.complete || (length !== undefined && Number(length) <= 65_536);
    if (isShort) this.#incoming.resume();
    else this.#incoming.destroy();
  }

  /** Ends it, whoever reads it. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#incoming.destroy();
  }

  /** Until somebody reads, the deadline counts: what nobody reads would hold the connection for ever. */
  async *#read(): AsyncGenerator<Uint8Array> {
    if (!this.#isCollecting) this.#patience.pause();
    try {
      yield* this.#incoming as AsyncIterable<Uint8Array>;
    } catch (cause) {
      throw this.#failure ? this.#failure.error : brokenOff(this.#call.operation, cause);
    }
    if (this.#failure) throw this.#failure.error;
  }
}
