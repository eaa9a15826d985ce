import { Agent, request as requestHttp, type IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { Agent as HttpsAgent } from 'node:https';
import { HttpAnswer } from './http-answer.js';
import { Patience } from './patience.js';
import { headersOf, type SentCall, type WrittenRequest } from './transport.js';

/** Sockets are kept this long, in ms, where the other side does not ask for less. */
const keptFor = 30_000;

/** A connection that had been lost before anything was sent on it: the other side had closed it for being idle. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/** What was to be sent came to no good end, which says nothing about the other side. */
export class BrokenBody extends Error {
  override readonly name = 'BrokenBody';
}

/** Connections to other backends, kept for the next call. */
export class HttpConnections implements Disposable {
  #http: Agent | undefined;
  #https: Promise<{ readonly agent: HttpsAgent; readonly request: typeof requestHttp }> | undefined;

  /** Sends the call once, to the plugin at `address`. Rejects with Node's error, or with what ended the waiting. */
  async send(address: string, call: SentCall<WrittenRequest>): Promise<HttpAnswer> {
    const url = new URL(address);
    const { agent, request } = url.protocol === 'https:' ? await this.#secure() : this.#plain();
    return new Promise((resolve, reject) => {
      const { body, method, path } = call.request;
      let answer: HttpAnswer | undefined;
      const outgoing = request({
        agent,
        // Node wants the address of IPv6 without its brackets.
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        method,
        path: url.pathname.replace(/\/+$/, '') + path,
        headers: headersOf(call),
      });
      const patience = new Patience(call, error => {
        reject(error);
        answer?.fail(error);
        outgoing.destroy();
      });
      outgoing.on('response', (incoming: IncomingMessage) => {
        resolve((answer = new HttpAnswer(incoming, call, patience)));
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        patience.stop();
        const isStale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        reject(isStale ? new StaleConnection('', { cause: error }) : error);
      });
      if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body);
      else {
        const source = new BodySource(body);
        pipeline(Readable.from(source), outgoing, error => {
          if (error) reject(source.failure ?? error);
        });
      }
    });
  }

  [Symbol.dispose](): void {
    this.#http?.destroy();
    void this.#https?.then(({ agent }) => agent.destroy());
  }

  #plain(): { readonly agent: Agent; readonly request: typeof requestHttp } {
    this.#http ??= new Agent({ keepAlive: true, timeout: keptFor });
    return { agent: this.#http, request: requestHttp };
  }

  #secure(): Promise<{ readonly agent: HttpsAgent; readonly request: typeof requestHttp }> {
    // Only those who need TLS wait for it to load.
    this.#https ??= import('node:https').then(({ Agent: SecureAgent, request }) => ({
      agent: new SecureAgent({ keepAlive: true, timeout: keptFor }),
      request,
    }));
    return this.#https;
  }
}

/** A body that remembers whether it has failed itself. */
class BodySource implements AsyncIterable<Uint8Array> {
  failure: BrokenBody | undefined;
  readonly #body: AsyncIterable<Uint8Array>;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of this.#body) {
        if (!(part instanceof Uint8Array)) throw new TypeError(`A body has a ${typeof part} in it`);
        yield part;
      }
    } catch (cause) {
      this.failure = new BrokenBody('', { cause });
      throw this.failure;
    }
  }
}
