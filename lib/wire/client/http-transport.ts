import type { DiscoveryService } from '../../api/discovery-service.js';
import type { WireResponse } from '../../api/wire-service.js';
import { isRemoteError } from '../../contract/remote-error.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { pause } from '../../util/pause.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { BrokenBody, HttpConnections, StaleConnection } from './http-connections.js';
import { Patience } from './patience.js';
import { RetryBudget } from './retry-budget.js';
import type { SentCall, Transport, WrittenRequest } from './transport.js';
import { circuitOpen, unreachable } from './wire-errors.js';

/** The first wait before a retry, in ms; each further one is twice as long, and all are at random up to that. */
const firstDelay = 50;
const mostRetries = 3;
/** Connections that had ended unnoticed; each says nothing of the target. */
const mostStale = 5;
/** What is known of more targets than this is forgotten, the oldest first: with a wildcard anybody can name a new one. */
const mostTargets = 1_000;

interface Target {
  readonly breaker: CircuitBreaker;
  readonly budget: RetryBudget;
}

/** Calls to other processes. What may be sent twice is sent again where that can help, within deadline and budget. */
export class HttpTransport implements Transport<WrittenRequest>, Disposable {
  readonly #discovery: DiscoveryService;
  readonly #connections = new HttpConnections();
  readonly #targets = new Map<string, Target>();

  constructor(discovery: DiscoveryService) {
    this.#discovery = discovery;
  }

  async send(call: SentCall<WrittenRequest>): Promise<WireResponse> {
    const target = this.#targetOf(call.request.pluginId);
    target.budget.earn();
    for (let retries = 0; ; retries++) {
      if (!target.breaker.admits()) throw circuitOpen(call.operation);
      const attempt = await this.#attempt(call, target.breaker);
      const delay = delayBefore(retries, call, attempt);
      if (delay === undefined || !target.budget.spend()) return outcomeOf(attempt);
      if ('answer' in attempt) attempt.answer.cancel();
      await pause(delay, call.signal);
      if (call.signal?.aborted) throw call.signal.reason;
    }
  }

  [Symbol.dispose](): void {
    this.#connections[Symbol.dispose]();
  }

  #targetOf(pluginId: string): Target {
    let target = this.#targets.get(pluginId);
    if (!target) {
      if (this.#targets.size >= mostTargets) this.#targets.delete(this.#targets.keys().next().value!);
      target = { breaker: new CircuitBreaker(), budget: new RetryBudget() };
      this.#targets.set(pluginId, target);
    }
    return target;
  }

  async #attempt(call: SentCall<WrittenRequest>, breaker: CircuitBreaker): Promise<Attempt> {
    try {
      const answer = await this.#sendOn(call);
      if (!isUnavailable(answer.status)) breaker.succeeded();
      else if (isTooLate(call, answer)) breaker.unknown();
      else breaker.failed();
      return { answer };
    } catch (error) {
      if (error instanceof BrokenBody) {
        breaker.unknown();
        throw unreachable(call.operation, error.cause);
      }
      const isGivenUp = error instanceof BackplaneError || call.signal?.aborted === true || isTooLate(call, error);
      if (isGivenUp) breaker.unknown();
      else breaker.failed();
      if (isGivenUp || isRemoteError(error)) throw error;
      return { error: unreachable(call.operation, error) };
    }
  }

  /** Nobody waits longer for it than for the answer, however long names take to be looked up. */
  #addressFor(call: SentCall): Promise<string> {
    return new Promise((resolve, reject) => {
      const patience = new Patience(call, reject);
      const found = (async () => this.#discovery.getBaseUrl(call.request.pluginId))();
      void found.then(resolve, reject).finally(() => patience.stop());
    });
  }

  async #sendOn(call: SentCall<WrittenRequest>): Promise<WireResponse> {
    for (let stale = 0; ; stale++) {
      const address = await this.#addressFor(call);
      try {
        return await this.#connections.send(address, call);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        if (stale === mostStale || !isRepeatable(call)) throw error.cause;
      }
    }
  }
}

type Attempt = { readonly answer: WireResponse } | { readonly error: Error };

function outcomeOf(attempt: Attempt): WireResponse {
  if ('error' in attempt) throw attempt.error;
  return attempt.answer;
}

/** How long to wait before the next attempt, in ms; `undefined` where there is to be none. */
function delayBefore(retries: number, call: SentCall<WrittenRequest>, attempt: Attempt): number | undefined {
  if (retries === mostRetries || !isRepeatable(call)) return undefined;
  const asked = 'error' in attempt ? 0 : retryAfterOf(attempt.answer);
  if (asked === undefined) return undefined;
  const delay = asked + Math.random() * firstDelay * 2 ** retries;
  return Date.now() + delay < call.deadline ? delay : undefined;
}

/** What can be sent once more is there as a whole. */
function isRepeatable({ isIdempotent, request: { body } }: SentCall<WrittenRequest>): boolean {
  return isIdempotent && (body === undefined || typeof body === 'string' || body instanceof Uint8Array);
}

/** After how many ms the target wants to be asked again; `undefined` where it does not. */
function retryAfterOf({ status, headers }: WireResponse): number | undefined {
  const seconds = headers['retry-after'];
  return status === 503 && typeof seconds === 'string' && /^\d{1,6}$/.test(seconds)
    ? Number(seconds) * 1_000
    : undefined;
}

/** Anybody could open the circuit for all others otherwise, by asking for something and not waiting for it. */
function isTooLate({ isHurried }: SentCall<WrittenRequest>, outcome: unknown): boolean {
  return isHurried && (outcome as { readonly status?: unknown }).status === 504;
}

/** What a target, or a proxy before it, answers that is down or has too much to do. */
function isUnavailable(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}
