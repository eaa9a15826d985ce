import { ServerResponse } from 'node:http';
import { compressible, CompressedBody, encodingFor } from './compression.js';
import type { Exchange } from './exchange.js';
import { addVary, setAll } from './header-edits.js';
import { HeaderFacts, type HeadersArgument } from './header-facts.js';
import type { Callback } from './inherited-response.js';
import type { HeaderPairs, SecurityHeaders } from './security-headers.js';

/** Headers as they are sent; without the last line break, as text that can be put before another one. */
interface Block {
  readonly pairs: HeaderPairs;
  readonly text: string;
}

/** Node's own way to write the headers, to which it adds the length if that is a number; not in its typings. */
interface Internal {
  _storeHeader(firstLine: string, headers: unknown): void;
  _contentLength: number | null;
}

type Response = ServerResponse & Partial<Internal> & { [exchangeOf]: Exchange };

const exchangeOf = Symbol('exchange');

const node = ServerResponse.prototype as ServerResponse & Internal;

/**
 * The one place where the headers of every answer are completed, whoever writes it: the request's id, security headers,
 * `no-store` for what no handler says it of, headers of CORS and limits, and compression.
 *
 * All of this is decided when the first byte has to be written, from what is known then. Whatever the handler has said
 * itself stays.
 */
export class ResponseHeads {
  static {
    Object.freeze(this.prototype);
  }

  readonly #data: Block;
  readonly #uncachedData: Block;
  readonly #page: Block;
  readonly #uncachedPage: Block;
  /** Of answers that are JSON, with their type: of plugins and health, and of whatever else there is. */
  readonly #json: string;
  readonly #apiJson: string;
  readonly #compression: boolean;

  constructor(headers: SecurityHeaders, compression: boolean) {
    const noStore = ['Cache-Control', 'no-store'] as const;
    this.#data = blockOf(headers.data);
    this.#uncachedData = blockOf([...headers.data, noStore]);
    this.#page = blockOf(headers.page);
    this.#uncachedPage = blockOf([...headers.page, noStore]);
    this.#json = `${this.#data.text}Content-Type: ${json}\r\n`;
    this.#apiJson = `${this.#uncachedData.text}Content-Type: ${json}\r\n`;
    this.#compression = compression;
    Object.freeze(this);
  }

  /** Answers with JSON. Most answers are nothing else, and then nothing has to be found out of them. */
  sendJsonText(exchange: Exchange, status: number, text: string): void {
    const res = exchange.res as Response;
    const length = Buffer.byteLength(text);
    const isNodes = exchange.inherited === node && res.writeHead === writeHead;
    const isWhole = exchange.req.method !== 'HEAD' && hasBody(status) && length < smallest;
    if (isNodes && isWhole && exchange.extraHeaders === undefined && res.getHeaderNames().length === 0) {
      exchange.contentType = json;
      exchange.contentLength = length;
      exchange.block = exchange.isApi ? this.#apiJson : this.#json;
      res._storeHeader = storeHeader;
      res._contentLength = length;
      node.writeHead.call(res, status);
    } else {
      res.writeHead(status, ['Content-Type', json, 'Content-Length', String(length)]);
    }
    res.end(text);
  }

  /** For answers to what was no request. */
  get text(): string {
    return this.#uncachedData.text;
  }

  /** Takes part in the answer from now on. */
  attach(exchange: Exchange): void {
    const { res } = exchange;
    (res as Response)[exchangeOf] = exchange;
    if (exchange.callerId !== undefined) {
      // A plugin of this process needs nothing that is for browsers, or for the way to one.
      res.setHeader('x-request-id', exchange.requestId);
      return;
    }
    res.writeHead = writeHead;
    if (!this.#compression || exchange.req.headers['accept-encoding'] === undefined) return;
    res.write = write;
    res.end = end;
  }

  /** The headers that `exchange` has to be answered with, besides those that its answer has. */
  blockFor(exchange: Exchange, facts: HeaderFacts): Block {
    const { contentType, isAttachment } = facts;
    const isPage = contentType !== undefined && contentType !== json && !isAttachment && pages.test(contentType);
    const keepsNothing = exchange.isApi && facts.cacheControl === undefined;
    if (isPage) return keepsNothing ? this.#uncachedPage : this.#page;
    return keepsNothing ? this.#uncachedData : this.#data;
  }

  /** Whether an answer with these facts may be compressed for those who accept that. */
  mayCompress(status: number, facts: HeaderFacts): boolean {
    if (!this.#compression) return false;
    const { contentLength = Infinity, contentType } = facts;
    if (contentLength < smallest || contentType === undefined || !hasBody(status)) return false;
    return compressible(contentType) && !facts.contentRange && !/\bno-transform\b/i.test(facts.cacheControl ?? '');
  }
}

/** The exchange that `res` answers; it was attached. */
export function exchangeBehind(res: ServerResponse): Exchange {
  return (res as Response)[exchangeOf];
}

/** Compressed, anything shorter is hardly shorter: it fits into one packet either way. In bytes. */
const smallest = 1_024;

/** What most answers are, so that they need not be compared with anything else. */
const json = 'application/json; charset=utf-8';

/** What browsers show as a document, in which scripts may run. */
const pages = /^\s*(?:text\/html|application\/xhtml\+xml|image\/svg\+xml|(?:text|application)\/xml)\b/i;

function blockOf(pairs: HeaderPairs): Block {
  return { pairs, text: pairs.map(([name, value]) => `${name}: ${value}\r\n`).join('') };
}

function hasBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 205 && status !== 304;
}

function writeHead(
  this: Response,
  status: number,
  reason?: string | HeadersArgument,
  headers?: HeadersArgument,
): ServerResponse {
  const phrase = typeof reason === 'string' ? reason : undefined;
  const given = typeof reason === 'string' ? headers : (headers ?? reason);
  const exchange = this[exchangeOf];
  if (this.headersSent || status < 200) return callWriteHead(exchange, status, phrase, given);

  const { heads } = exchange;
  exchange.compressed = undefined;
  const facts = new HeaderFacts();
  for (const name of this.getHeaderNames()) facts.read(name, this.getHeader(name));
  facts.readAll(given);
  exchange.contentType = facts.contentType;
  exchange.contentLength = facts.contentLength;

  const block = heads.blockFor(exchange, facts);
  const mayCompress = heads.mayCompress(status, facts) && facts.contentEncoding === undefined;
  if (exchange.inherited === node && !mayCompress && !facts.overrides && exchange.extraHeaders === undefined) {
    exchange.block = block.text;
    this._storeHeader = storeHeader;
    return callWriteHead(exchange, status, phrase, given);
  }

  exchange.block = undefined;
  setAll(this, given);
  for (const [name, value] of block.pairs) if (!this.hasHeader(name)) this.setHeader(name, value);
  this.setHeader('x-request-id', exchange.requestId);
  for (const [name, value] of exchange.extraHeaders ?? []) {
    if (name === 'Vary') addVary(this, value);
    else if (!this.hasHeader(name)) this.setHeader(name, value);
  }
  if (mayCompress) compress(this, exchange, facts);
  return callWriteHead(exchange, status, phrase, undefined);
}

function callWriteHead(
  { res, inherited }: Exchange,
  status: number,
  phrase: string | undefined,
  headers: HeadersArgument,
): ServerResponse {
  if (phrase === undefined) return inherited.writeHead.call(res, status, headers);
  return inherited.writeHead.call(res, status, phrase, headers);
}

/** Security headers are the same for every answer, so Node need not look at each of them again. That takes 1 µs. */
function storeHeader(this: Response, firstLine: string, headers: unknown): void {
  const { block, requestId } = this[exchangeOf];
  // None where a first attempt to answer took this way and failed.
  const line = block === undefined ? firstLine : `${firstLine}${block}x-request-id: ${requestId}\r\n`;
  node._storeHeader.call(this, line, headers);
}

function compress(res: Response, exchange: Exchange, { etag }: HeaderFacts): void {
  addVary(res, 'Accept-Encoding');
  const encoding = encodingFor(exchange.req.headers['accept-encoding']);
  if (!encoding || !Object.hasOwn(res, 'end')) return;
  res.removeHeader('Content-Length');
  res.removeHeader('Accept-Ranges');
  res.setHeader('Content-Encoding', encoding);
  // It is another sequence of bytes now, which means the same.
  if (etag?.startsWith('"')) res.setHeader('ETag', `W/${etag}`);
  if (exchange.req.method !== 'HEAD') exchange.compressed = new CompressedBody(exchange, encoding);
}

function write(this: Response, chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
  if (!this.headersSent && isContent(chunk)) this.writeHead(this.statusCode);
  const { compressed, inherited } = this[exchangeOf];
  if (compressed) return compressed.write(chunk as Buffer, encoding, callback);
  return inherited.write.call(this, chunk, encoding, callback);
}

function end(
  this: Response,
  chunk?: unknown,
  encoding?: BufferEncoding | Callback,
  callback?: Callback,
): ServerResponse {
  const mayEnd = isContent(chunk) || chunk === undefined || chunk === null || typeof chunk === 'function';
  if (mayEnd && !this.headersSent && this[exchangeOf].req.method !== 'HEAD') {
    // What Node itself does when the whole body comes at once, but too late for whoever decides by the length.
    const knowsLength = this.hasHeader('content-length') || this.hasHeader('transfer-encoding');
    if (hasBody(this.statusCode) && !knowsLength) this.setHeader('Content-Length', lengthOf(chunk, encoding));
    this.writeHead(this.statusCode);
  }
  const { compressed, inherited } = this[exchangeOf];
  if (compressed) {
    compressed.end(chunk as Buffer, encoding, callback);
    return this;
  }
  return inherited.end.call(this, chunk, encoding, callback);
}

/** Anything else Node refuses, and the answer can still be an error. */
function isContent(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
