import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Credentials } from '../../api/credentials.js';
import type { PluginRequest, RequestClient } from '../../api/http-services.js';
import type { Observation, RequestTelemetryService } from '../../api/request-telemetry-service.js';
import type { Account, Travelling } from '../../api/attribution.js';
import { longestTimer } from '../../contract/timer.js';
import { clientOf, type ProxyTrust } from './client-address.js';
import type { CompressedBody } from './compression.js';
import { answerError, cut, type ErrorReporter } from './error-answer.js';
import type { ResponseHeads } from './response-head.js';
import type { HeaderPairs } from './security-headers.js';
import { inheritedOf, type InheritedResponse } from './inherited-response.js';
import { callerGaveUp, handlerTimeout } from './late-answer.js';
import { abortOnAccount, controllerOf } from './tell-on-account.js';
import { type Standing, standingOf, traceparentOf, tracestateOf } from './travel.js';
import type { Upgrade } from './upgrade.js';

/** What all exchanges of a server have in common. */
export interface ExchangeTerms {
  readonly report: ErrorReporter;
  readonly heads: ResponseHeads;
  readonly trust: ProxyTrust | undefined;
  readonly observe: RequestTelemetryService['observe'];
}

/** How long a handler may go on that was not heard in time, in ms. What still runs then runs for itself. */
const aftermath = 60_000;

/** One request and its answer, from the first header to the last byte. */
export class Exchange implements PluginRequest, Travelling {
  static {
    Object.freeze(this.prototype);
  }

  readonly receivedAt = performance.now();
  /** Asked for once: Node looks for it in C++. Whatever the handler puts between later is passed by. */
  readonly inherited: InheritedResponse;
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
  /** On which it answers, and is told of the end. */
  account: Account | undefined;
  /** The plugin of this process that asks, where the request came over no network. */
  callerId: string | undefined;
  hops = 0;
  /** Where somebody measures. */
  observation: Observation | undefined;
  route: string | undefined;
  /** Asks for another protocol. */
  upgrade: Upgrade | undefined;
  /** Where it is among the open ones. */
  index = -1;
  /** Its reader stood still, and so it was cut off. */
  isUnread = false;
  #answered: AbortController | undefined;
  #closing: AbortController | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #standing: Standing = 'outsider';
  /** How long the caller waits, in ms since 1970. */
  #patience = Infinity;
  /** When the answer is too late for the route that answers, in the same way. */
  #ownDeadline = Infinity;
  #limit: NodeJS.Timeout | undefined;
  #expiredAt: number | undefined;
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
    this.inherited = inheritedOf(res);
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
    this.#answered ??= controllerOf(this.#state === 'closed');
    return this.#answered.signal;
  }

  get isOver(): boolean {
    if (this.#state !== 'closed') return false;
    // Its handler may still be about to call others, in vain.
    return this.#expiredAt === undefined || performance.now() - this.#expiredAt > aftermath;
  }

  get closing(): AbortSignal {
    this.#closing ??= controllerOf(this.#state !== 'open');
    return this.#closing.signal;
  }

  /** Has a limit of its own, so that the server's does not apply. */
  get hasOwnLimit(): boolean {
    return this.#ownDeadline < Infinity;
  }

  get deadline(): number | undefined {
    return this.deadlineFor(this.#standing === 'nobody');
  }

  /** Its caller has said how long it waits, and that time is over, give or take what timers are early. */
  get isGivenUp(): boolean {
    return Date.now() >= this.#patience - 5;
  }

  deadlineFor(onBehalfOfNobody: boolean): number | undefined {
    // What has begun in time, as a stream of events, may go on.
    if (this.#expiredAt === undefined && (this.res.headersSent || this.upgrade?.isTaken)) return undefined;
    const deadline = this.#believes(onBehalfOfNobody) ? this.#earliest : this.#ownDeadline;
    return deadline < Infinity ? deadline : undefined;
  }

  hopsFor(onBehalfOfNobody: boolean): number {
    return this.#believes(onBehalfOfNobody) ? this.hops : 0;
  }

  cameFrom(credentials: Credentials): void {
    this.#standing = standingOf(credentials);
  }

  get traceparent(): string | undefined {
    return this.observation?.trace?.traceparent ?? traceparentOf(this.req);
  }

  get tracestate(): string | undefined {
    const trace = this.observation?.trace;
    return trace ? trace.tracestate : tracestateOf(this.req);
  }

  /** Somebody listens for the end of the server, and may want to say good-bye. */
  get wantsNotice(): boolean {
    return this.#closing !== undefined;
  }

  sendJsonText(status: number, text: string): void {
    this.heads.sendJsonText(this, status, text);
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

  answerWithin(timeout: number): void {
    this.#ownDeadline = Date.now() + timeout;
    this.#arm();
  }

  /** The caller waits that long, in ms, and no longer; one in this process ends the call itself. */
  waitedFor(timeout: number): void {
    this.#patience = Date.now() + timeout;
    if (this.callerId === undefined) this.#arm();
  }

  /** Answers with the error, or cuts the answer off; `false` where it is too late for either. */
  fail(error: unknown): boolean {
    if (this.#state === 'closed' || this.res.writableEnded) return false;
    if (this.upgrade?.isTaken) {
      this.#terms.report(error, this);
      cut(this.res);
    } else {
      answerError(this, error, this.#terms.report);
    }
    return true;
  }

  /** The handler had its time, or its caller waits no longer. What it still says is not heard. */
  expire(isCallerGone = false): void {
    if (this.res.headersSent || this.upgrade?.isTaken) return;
    this.res.shouldKeepAlive = false;
    this.#expiredAt = performance.now();
    this.fail(isCallerGone ? callerGaveUp() : handlerTimeout());
    this.close();
  }

  get #earliest(): number {
    return Math.min(this.#patience, this.#ownDeadline);
  }

  #believes(onBehalfOfNobody: boolean): boolean {
    return this.#standing === 'service' || (onBehalfOfNobody && this.#standing === 'nobody');
  }

  #arm(): void {
    clearTimeout(this.#limit);
    const isPatience = this.#patience <= this.#ownDeadline;
    const left = Math.min(this.#earliest - Date.now(), longestTimer);
    this.#limit = setTimeout(() => this.expire(isPatience), left).unref();
  }

  /** The server is about to stop: the connection ends with this answer, and so does what has no end of its own. */
  announceClosing(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.res.shouldKeepAlive = false;
    abortOnAccount(this.account, this.#closing);
  }

  /** The last byte has gone, or the connection has. */
  end(): void {
    this.#ended(this);
  }

  /** Nobody waits for the answer any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#limit);
    abortOnAccount(this.account, this.#answered);
    abortOnAccount(this.account, this.#closing);
  }
}
