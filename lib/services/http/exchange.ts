import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PluginRequest, RequestClient } from '../../api/http-services.js';
import { ServiceUnavailableError } from '../../errors/http-error.js';
import { clientOf, type ProxyTrust } from './client-address.js';
import type { CompressedBody } from './compression.js';
import { answerError, type ErrorReporter } from './error-answer.js';
import type { ResponseHeads } from './response-head.js';
import type { HeaderPairs } from './security-headers.js';

/** What all exchanges of a server have in common. */
export interface ExchangeTerms {
  readonly report: ErrorReporter;
  readonly heads: ResponseHeads;
  readonly trust: ProxyTrust | undefined;
}

/** One request and its answer, from the first header to the last byte. */
export class Exchange implements PluginRequest {
  static {
    Object.freeze(this.prototype);
  }

  readonly receivedAt = performance.now();
  /** As it was sent; middleware sees parts of it. */
  readonly target: string;
  /** As the router that has it sees it: of the whole request target, later relative to the plugin. */
  path = '/';
  /** Below `/api` or `/.backplane`: answered by programs, for programs. */
  isApi = false;
  /** Came in where internal endpoints are not answered. */
  isOutside = false;
  /** The caller waits for a word before it sends its body. */
  awaitsContinue = false;
  /** Headers of the answer that are not the handler's; a `Vary` is added to what the handler says. */
  extraHeaders: HeaderPairs | undefined;
  /** What the answer is, once its headers are written. */
  contentType: string | undefined;
  contentLength: number | undefined;
  /** Where the body goes instead, if it is compressed. */
  compressed: CompressedBody | undefined;
  /** Headers that are the same for many answers, as text. */
  block: string | undefined;
  /** The plugin that answers. */
  pluginId: string | undefined;
  /** Where it is among the open ones. */
  index = -1;
  /** When the answer is too late, in ms since 1970. */
  deadline: number | undefined;
  #answered: AbortController | undefined;
  #closing: AbortController | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #deadline: NodeJS.Timeout | undefined;
  #client: RequestClient | undefined;
  readonly #terms: ExchangeTerms;
  readonly #ended: (exchange: Exchange) => void;

  constructor(
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
    readonly requestId: string,
    terms: ExchangeTerms,
    ended: (exchange: Exchange) => void,
  ) {
    this.#ended = ended;
    this.target = req.url!;
    this.#terms = terms;
  }

  get heads(): ResponseHeads {
    return this.#terms.heads;
  }

  get client(): RequestClient {
    return (this.#client ??= clientOf(this.req, this.#terms.trust));
  }

  get signal(): AbortSignal {
    this.#answered ??= controller(this.#state === 'closed');
    return this.#answered.signal;
  }

  get closing(): AbortSignal {
    this.#closing ??= controller(this.#state !== 'open');
    return this.#closing.signal;
  }

  /** Has a limit of its own, so that the server's does not apply. */
  get hasDeadline(): boolean {
    return this.#deadline !== undefined;
  }

  /** Somebody listens for the end of the server, and may want to say good-bye. */
  get wantsNotice(): boolean {
    return this.#closing !== undefined;
  }

  continue(): void {
    if (!this.awaitsContinue) return;
    this.awaitsContinue = false;
    if (!this.res.headersSent && this.#state !== 'closed') this.res.writeContinue();
  }

  /** To be sent with the answer, whoever writes it. */
  addHeaders(headers: HeaderPairs): void {
    this.extraHeaders = this.extraHeaders ? [...this.extraHeaders, ...headers] : headers;
  }

  /** The headers are about to be written. */
  startAnswer(contentType: string | undefined, contentLength: number | undefined): void {
    this.contentType = contentType;
    this.contentLength = contentLength;
    // A body that nobody has asked for may come or not, so what follows on the connection cannot be told from it.
    if (this.awaitsContinue) this.res.shouldKeepAlive = false;
  }

  answerWithin(timeout: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.expire(), timeout).unref();
  }

  /** Answers with the error, or cuts the answer off; `false` where it is too late for either. */
  fail(error: unknown): boolean {
    if (this.#state === 'closed' || this.res.writableEnded) return false;
    answerError(this, error, this.#terms.report);
    return true;
  }

  /** The handler had its time. What it still says is not heard. */
  expire(): void {
    if (this.res.headersSent) return;
    this.res.shouldKeepAlive = false;
    this.fail(new ServiceUnavailableError('The answer took too long', { code: 'handler_timeout' }));
    this.close();
  }

  /** The server is about to stop: the connection ends with this answer, and so does what has no end of its own. */
  announceClosing(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.res.shouldKeepAlive = false;
    this.#closing?.abort();
  }

  /** The last byte has gone, or the connection has. */
  end(): void {
    this.#ended(this);
  }

  /** Nobody waits for the answer any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#deadline);
    this.#answered?.abort();
    this.#closing?.abort();
  }
}

function controller(aborted: boolean): AbortController {
  const made = new AbortController();
  if (aborted) made.abort();
  return made;
}
