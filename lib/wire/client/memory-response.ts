import { ServerResponse, type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http';
import type { WireResponse } from '../../api/wire-service.js';
import { MemoryAnswer } from './memory-answer.js';
import type { MemorySocket } from './memory-socket.js';
import type { Patience } from './patience.js';
import { isOfConnection, type SentCall } from './transport.js';

type Written = (error?: Error | null) => void;

interface Receiver {
  readonly call: SentCall;
  readonly patience: Patience;
  /** Runs what belongs to the writer outside of the reader's asynchronous context. */
  run(work: () => void): void;
  onHead(answer: MemoryAnswer): void;
  onEnd(): void;
}

/**
 * A response that goes over no network: Node's, with its checks of headers and status, but what is written goes to a
 * `MemoryAnswer`. Whatever is wrong about a write is left to Node, so it fails as it does on a connection.
 */
export class MemoryResponse extends ServerResponse {
  static {
    Object.defineProperty(this.prototype, 'writableNeedDrain', {
      get(this: MemoryResponse) {
        return this.#needsDrain && !this.destroyed && !this.writableEnded;
      },
    });
  }

  readonly #receiver: Receiver;
  readonly #socket: MemorySocket;
  #answer: MemoryAnswer | undefined;
  #sent = 0;
  #needsDrain = false;
  #isClosed = false;

  constructor(req: IncomingMessage, socket: MemorySocket, receiver: Receiver) {
    super(req);
    (this as { socket: unknown }).socket = this.#socket = socket;
    this.#receiver = receiver;
  }

  override writeHead(
    statusCode: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    // With a header set Node adds those given here to the others, where they can be read.
    if (this.getHeaderNames().length === 0) this.setHeader('date', new Date().toUTCString());
    super.writeHead(statusCode, reason as string, headers);
    const { call, patience } = this.#receiver;
    const cancel = () => this.#receiver.run(() => this.destroy());
    this.#answer = new MemoryAnswer(statusCode, plainHeaders(this), { call, patience, cancel });
    this.#socket.flow = this.#answer;
    this.#receiver.onHead(this.#answer);
    return this;
  }

  override flushHeaders(): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Written, written?: Written): boolean {
    if (this.writableEnded || this.destroyed || !isContent(chunk)) {
      return super.write(chunk, encoding as BufferEncoding, written);
    }
    const callback = typeof encoding === 'function' ? encoding : written;
    const goesOn = this.#put(chunk, typeof encoding === 'string' ? encoding : undefined);
    if (callback) process.nextTick(callback);
    return goesOn;
  }

  override end(chunk?: unknown, encoding?: BufferEncoding | Written, ended?: Written): this {
    const callback = [chunk, encoding, ended].find(argument => typeof argument === 'function') as Written | undefined;
    const content = typeof chunk === 'function' || chunk === null ? undefined : chunk;
    if (this.writableEnded || this.destroyed || (content !== undefined && !isContent(content))) {
      return super.end(content, encoding as BufferEncoding, callback);
    }
    this.#announce(content ?? '', typeof encoding === 'string' ? encoding : undefined);
    if (content !== undefined) this.#put(content, typeof encoding === 'string' ? encoding : undefined);
    else this.flushHeaders();
    this.#checkLength(true);
    this.finished = true;
    if (callback) this.once('finish', callback);
    this.#answer!.end();
    process.nextTick(finish, this);
    return this;
  }

  /** How long JSON may be, in bytes of its text, that the caller takes as a value; `0` where it takes none. */
  get jsonLimit(): number {
    const { takesJson, maxResponseSize } = this.#receiver.call;
    if (!takesJson || this.headersSent || this.destroyed) return 0;
    // Whoever has put himself between is to see what is answered.
    return between.some(name => Object.hasOwn(this, name)) ? 0 : maxResponseSize;
  }

  /** Answers with JSON as a value, which the caller has for itself from now on. */
  endWithJson(status: number, value: unknown): void {
    this.writeHead(status, ['Content-Type', 'application/json; charset=utf-8']);
    this.finished = true;
    this.#answer!.end(undefined, { value });
    // At once: calls that wait for nothing else would keep Node from coming to what is to run with the next tick.
    finish(this);
  }

  override writeContinue(written?: () => void): void {
    if (written) process.nextTick(written);
  }

  override writeProcessing(): void {}

  override writeEarlyHints(_hints: Record<string, string | string[]>, written?: () => void): void {
    if (written) process.nextTick(written);
  }

  override addTrailers(): void {}

  /** The exchange is over, well or not: nothing can be written any more. */
  close(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#answer?.end(error);
    this.destroyed = true;
    Object.assign(this, { _closed: true });
    this.emit('close');
    this.#receiver.onEnd();
  }

  /** As Node does where all of the answer is known before its head is written. */
  #announce(content: string | Uint8Array, encoding: BufferEncoding | undefined): void {
    const { _removedContLen } = this as unknown as { readonly _removedContLen: boolean };
    if (this.headersSent || _removedContLen || this.req.method === 'HEAD') return;
    if (this.statusCode === 204 || this.statusCode === 304 || this.statusCode < 200) return;
    if (this.hasHeader('content-length') || this.hasHeader('transfer-encoding')) return;
    this.setHeader(
      'content-length',
      typeof content === 'string' ? Buffer.byteLength(content, encoding) : content.length,
    );
  }

  #put(chunk: string | Uint8Array, encoding: BufferEncoding | undefined): boolean {
    this.flushHeaders();
    if (!(this as unknown as { _hasBody: boolean })._hasBody) return true;
    const content =
      typeof chunk === 'string' && (encoding === undefined || /^utf-?8$/i.test(encoding))
        ? wellFormed(chunk)
        : Buffer.from(chunk as string, encoding);
    if (this.strictContentLength && this.hasHeader('content-length')) this.#sent += Buffer.byteLength(content);
    this.#checkLength(false);
    if (content.length === 0) return true;
    this.#needsDrain = !this.#answer!.add(content, this.#drain);
    return !this.#needsDrain;
  }

  readonly #drain = (): void => {
    this.#needsDrain = false;
    this.#receiver.run(() => process.nextTick(() => this.emit('drain')));
  };

  /** As on a connection, where more would be the beginning of the next answer, and less would end within it. */
  #checkLength(isAll: boolean): void {
    if (!this.strictContentLength || !(this as unknown as { _hasBody: boolean })._hasBody) return;
    const said = this.getHeader('content-length');
    if (said === undefined || (isAll ? this.#sent === Number(said) : this.#sent <= Number(said))) return;
    throw new RangeError(`The answer has ${this.#sent} bytes, and said content-length: ${String(said)}`);
  }
}

const between = ['write', 'writeHead', 'end'];

function finish(res: MemoryResponse): void {
  if (res.destroyed) return;
  res.emit('finish');
  res.close();
}

function isContent(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}

/** What is no text in UTF-8 becomes what a connection would make of it. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString() : text;
}

/** As a connection hands them over: text, in one line, and only cookies in a list. */
function plainHeaders(res: ServerResponse): WireResponse['headers'] {
  const headers: Record<string, string | string[]> = {};
  const said = res.getHeaders();
  for (const name in said) {
    const value = said[name];
    if (value === undefined || isOfConnection(name)) continue;
    if (typeof value === 'string') headers[name] = value.trim();
    else if (Array.isArray(value)) headers[name] = name === 'set-cookie' ? [...value] : value.join(', ');
    else headers[name] = String(value);
  }
  return headers;
}
