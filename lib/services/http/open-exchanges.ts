import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { cut } from './error-answer.js';
import { endEventStream } from './end-event-stream.js';
import { Exchange, type ExchangeTerms } from './exchange.js';
import { RequestIds } from './request-ids.js';
import type { RequestLog } from './request-log.js';
import { exchangeBehind } from './response-head.js';
import { SlowReaders, type ReaderLimits } from './slow-readers.js';
import { tellAllOnAccount, tellOnAccount } from './tell-on-account.js';

/** How long a handler that listens to `ctx.closing` has to end its event stream itself, in ms. */
const notice = 1_000;

/** How many requests may wait on one connection for those before them; more than one piece of the network can bring. */
const longestQueue = 4_096;

/** What waits on one connection. */
interface Queue {
  last: Exchange;
  length: number;
}

interface AnswerLimits extends ReaderLimits {
  /** How long a handler may take, in ms; `0` switches that off. */
  readonly handlerTimeout: number;
}

/** Every request that is being answered; one is open until its last byte was handed to the operating system. */
export class OpenExchanges {
  /** Not a Set: the tables it throws away when it grows keep requests alive until the next major garbage collection. */
  readonly #open: Exchange[] = [];
  readonly #ids = new RequestIds();
  /** Of connections on which a request came while another was being answered. */
  readonly #queues = new WeakMap<Duplex, Queue>();
  readonly #handlerTimeout: number;
  readonly #sendTimeout: number;
  readonly #readers: SlowReaders;
  readonly #terms: ExchangeTerms;
  readonly #log: RequestLog | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  readonly #ended = (exchange: Exchange) => this.#end(exchange);
  #closing = false;
  #held: (() => void)[] | undefined;
  #emptied: (() => void) | undefined;

  constructor(limits: AnswerLimits, terms: ExchangeTerms, log: RequestLog | undefined) {
    this.#handlerTimeout = limits.handlerTimeout;
    this.#sendTimeout = limits.sendTimeout;
    this.#readers = new SlowReaders(limits);
    this.#terms = terms;
    this.#log = log;
  }

  get size(): number {
    return this.#open.length;
  }

  /** `callerId` is the plugin of this process that asks, if one does. */
  begin(req: IncomingMessage, res: ServerResponse, callerId?: string): Exchange {
    const exchange = new Exchange(req, res, this.#ids.accept(req.headers['x-request-id']), this.#terms, this.#ended);
    exchange.callerId = callerId;
    if (this.#terms.observe) exchange.observation = this.#terms.observe(exchange);
    this.#terms.heads.attach(exchange);
    if (this.#closing) exchange.announceClosing();
    exchange.index = this.#open.push(exchange) - 1;
    res.emit = emit;
    this.#sweeper ??= this.#sweep();
    return exchange;
  }

  /**
   * Calls `answer` when it is the turn of `exchange`, which came while another was being answered on its connection: a
   * few bytes can ask for a thousand answers, which would otherwise all be kept until the first of them has been read.
   */
  inTurn(exchange: Exchange, answer: () => void): void {
    const { res } = exchange;
    const { socket } = exchange.req;
    const queue = this.#queueOn(socket, exchange);
    queue.last = exchange;
    if (++queue.length > longestQueue) {
      socket.destroy();
      return;
    }
    // It comes out of the answer before, with which this request has nothing to do.
    const begin = AsyncResource.bind(() => {
      queue.length--;
      if (!res.headersSent) answer();
    });
    res.once('socket', begin);
  }

  /** Requests from the network wait until what this gives is called. */
  hold(): () => void {
    const held: (() => void)[] = (this.#held = []);
    return () => {
      this.#held = undefined;
      for (const begin of held) begin();
    };
  }

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** Calls `begin` when requests wait no longer. */
  whenReleased(begin: () => void): void {
    this.#held!.push(AsyncResource.bind(begin));
  }

  /** The last request that came on `socket` and has not been answered. */
  lastOn(socket: Duplex): Exchange | undefined {
    const last = this.#queues.get(socket)?.last;
    return last && last.index >= 0 ? last : this.#open.find(({ req }) => req.socket === socket);
  }

  /** The request whose turn it is on `socket`. */
  currentOn(socket: Duplex): Exchange | undefined {
    return this.#open.find(({ res }) => res.socket === socket);
  }

  /** From now on every connection ends with its answer, and event streams end at once; `retry` as in the stream, ms. */
  announceClosing(retry: number): void {
    this.#closing = true;
    // Some end while they are told.
    for (const exchange of this.#open.slice()) {
      exchange.announceClosing();
      setTimeout(() => endEventStream(exchange, retry), exchange.wantsNotice ? notice : 0).unref();
    }
  }

  /** Resolves once no request is open. */
  async empty(): Promise<void> {
    if (this.#open.length > 0) await new Promise<void>(resolve => (this.#emptied = resolve));
  }

  /** Resets whatever is open now, some of which ends at once, and tells how many requests of which plugins that were. */
  cut(): Map<string | undefined, number> {
    const cutOf = new Map<string | undefined, number>();
    for (const exchange of this.#open.slice()) {
      cutOf.set(exchange.pluginId, (cutOf.get(exchange.pluginId) ?? 0) + 1);
      cut(exchange.res);
    }
    return cutOf;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeper);
  }

  /** An answer that waits for its turn on a connection is not told that the connection has ended. */
  #queueOn(socket: Duplex, last: Exchange): Queue {
    const known = this.#queues.get(socket);
    if (known) return known;
    const queue = { last, length: 0 };
    this.#queues.set(socket, queue);
    socket.once('close', () => {
      for (const exchange of this.#open.filter(({ req }) => req.socket === socket)) this.#end(exchange);
    });
    return queue;
  }

  #end(exchange: Exchange): void {
    exchange.close();
    const { index } = exchange;
    if (this.#open[index] !== exchange) return;
    const last = this.#open.pop()!;
    if (last !== exchange) this.#open[(last.index = index)] = last;
    exchange.index = -1;
    this.#log?.write(exchange);
    exchange.observation?.end();
    if (this.#open.length === 0) this.#emptied?.();
  }

  /** One look at all of them now and then: a timer for each request would cost more than most handlers do. */
  #sweep(): NodeJS.Timeout {
    const shortest = Math.min(this.#handlerTimeout || Infinity, this.#sendTimeout || Infinity);
    const period = Math.min(1_000, Math.max(10, shortest / 10));
    let last = performance.now();
    return setInterval(() => {
      const now = performance.now();
      // While this process was busy, or did not run, nobody could read.
      const elapsed = Math.min(now - last, 2 * period);
      last = now;
      for (const exchange of this.#readers.look(this.#open, elapsed)) {
        exchange.isUnread = true;
        cut(exchange.res);
      }
      if (this.#handlerTimeout === 0) return;
      const overdue = now - this.#handlerTimeout;
      for (const exchange of this.#open.filter(({ receivedAt }) => receivedAt <= overdue)) {
        if (!exchange.hasOwnLimit) exchange.expire();
      }
    }, period).unref();
  }
}

/** One function for all of them, since each has its exchange with it. */
function emit(this: ServerResponse, event: string | symbol, ...args: unknown[]): boolean {
  const exchange = exchangeBehind(this);
  const { account, req, inherited } = exchange;
  if (event !== 'close') return inherited.emit.call(this, event, ...args);
  exchange.end();
  // The connection has ended, which the request is told next.
  if (account && !this.writableFinished) tellAllOnAccount(req, account);
  return this.listenerCount('close') > 0 && tellOnAccount(account, () => inherited.emit.call(this, 'close'));
}
