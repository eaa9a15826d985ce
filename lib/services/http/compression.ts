import type { ServerResponse } from 'node:http';
import { constants, createBrotliCompress, createGzip, type BrotliCompress, type Gzip } from 'node:zlib';
import { cut } from './error-answer.js';
import type { Callback, InheritedResponse } from './inherited-response.js';

export type Encoding = 'br' | 'gzip';

/** In the order in which they are preferred where the client has no preference. */
const known: readonly Encoding[] = ['br', 'gzip'];

const types = [
  /^text\/(?!event-stream)/,
  /^application\/(?:json|javascript|xml|ld\+json|x-ndjson|x-javascript|wasm|manifest\+json|vnd\.ms-fontobject)\b/,
  /^[^/]+\/[^;]+\+(?:json|xml|text)\b/,
  /^(?:font\/(?:ttf|otf)|image\/(?:bmp|x-icon))\b/,
];

/** Whether bodies of this type become shorter. Events do too, but each of them is to arrive when it is sent. */
export function compressible(contentType: string): boolean {
  const type = contentType.trim().toLowerCase();
  return types.some(pattern => pattern.test(type));
}

/** The best of what the client takes; nothing where it prefers the body as it is. */
export function encodingFor(accepted: string | string[] | undefined): Encoding | undefined {
  if (accepted === undefined) return undefined;
  const weights = new Map<string, number>();
  for (const part of String(accepted).slice(0, 1_000).split(',')) {
    const [name = '', ...parameters] = part.split(';').map(text => text.trim().toLowerCase());
    const weight = parameters.find(text => text.startsWith('q='));
    if (name !== '') weights.set(name === 'x-gzip' ? 'gzip' : name, weight ? Number(weight.slice(2)) || 0 : 1);
  }
  const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  const best = known.reduce((a, b) => (weightOf(b) > weightOf(a) ? b : a));
  return weightOf(best) > 0 && weightOf(best) >= (weights.get('identity') ?? 0) ? best : undefined;
}

interface Answered {
  readonly res: ServerResponse;
  readonly inherited: InheritedResponse;
}

/** The body of one answer on its way through zlib. What is written leaves with the next turn of the event loop. */
export class CompressedBody {
  readonly #res: ServerResponse;
  readonly #zlib: BrotliCompress | Gzip;
  #flushing = false;
  #ended = false;

  constructor({ res, inherited: { write, end } }: Answered, encoding: Encoding) {
    this.#res = res;
    this.#zlib = encoding === 'br' ? createBrotliCompress(fastBrotli) : createGzip();
    const zlib = this.#zlib;
    zlib.on('data', (chunk: Buffer) => {
      if (!write.call(res, chunk)) zlib.pause();
    });
    zlib.on('end', () => end.call(res));
    zlib.on('error', () => cut(res));
    zlib.on('drain', () => res.emit('drain'));
    res.on('drain', () => zlib.resume());
    res.on('close', () => zlib.destroy());
    // It has no more to come from its handler, however long zlib may still need.
    Object.defineProperty(res, 'writableEnded', { get: () => this.#ended, configurable: true });
  }

  write(chunk: string | Uint8Array, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    if (this.#ended || this.#zlib.destroyed) return false;
    const more = this.#zlib.write(chunk, encoding as BufferEncoding, callback);
    if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(() => this.#flush());
    }
    return more;
  }

  end(chunk?: string | Uint8Array, encoding?: BufferEncoding | Callback, callback?: Callback): void {
    if (this.#ended) return;
    this.#ended = true;
    const told = [chunk, encoding, callback].find(each => typeof each === 'function');
    if (told) this.#res.once('finish', told);
    if (this.#zlib.destroyed) return;
    if (typeof chunk === 'string') this.#zlib.end(chunk, typeof encoding === 'string' ? encoding : 'utf8');
    else if (chunk instanceof Uint8Array) this.#zlib.end(chunk);
    else this.#zlib.end();
  }

  #flush(): void {
    this.#flushing = false;
    if (!this.#ended && !this.#zlib.destroyed) this.#zlib.flush();
  }
}

/** The default takes a hundred times as long for a tenth less. */
const fastBrotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
