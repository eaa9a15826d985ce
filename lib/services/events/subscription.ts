import type { Account } from '../../api/attribution.js';
import { runOnAccount } from '../../api/attribution.js';
import type { DeliveryTelemetryService } from '../../api/delivery-telemetry-service.js';
import type { Event, EventHandler } from '../../api/events-service.js';
import type { Topic } from '../../contract/define-topic.js';
import { textOfThrown } from '../../util/text-of-thrown.js';
import { readPayload } from './event-payload.js';
import type { ConsumerGroup, Consumption, Delivery, EventTransport, Outcome } from './event-transport.js';
import { isInvalidEvent } from './events-errors.js';
import { retryDelay } from './retry-delay.js';

export interface SubscriptionTerms {
  readonly group: ConsumerGroup;
  readonly topic: Topic;
  /** In ms. */
  readonly timeout: number;
  readonly maxAttempts: number;
  readonly retry: { readonly initialDelay: number; readonly maxDelay: number };
  readonly account: Pick<Account, 'backend' | 'pluginId'>;
  readonly handler: EventHandler<Topic>;
  /** There where deliveries are traced. */
  readonly trace?: DeliveryTelemetryService['observe'];
  /** Is told what became of each delivery, and how long it took, in ms. */
  readonly observe: (delivery: Delivery, outcome: Outcome, duration: number, error: unknown) => void;
}

interface Attempted {
  readonly outcome: Outcome;
  readonly error?: unknown;
}

/** Why a handler is not waited for any more. */
class Interrupted extends Error {
  readonly why: 'timeout' | 'stop' | 'lost';

  constructor(message: string, why: Interrupted['why']) {
    super(message);
    this.why = why;
  }
}

/** One member of a consumer group: hands its events to a handler, and says what became of each. */
export class Subscription {
  readonly terms: SubscriptionTerms;
  /** Ends what is being handled; one signal for all would have as many listeners. */
  readonly #interrupts = new Set<(reason: Interrupted) => void>();
  #end: Interrupted | undefined;
  #declared: Promise<void> | undefined;
  #consumption: Consumption | undefined;
  #closed: Promise<void> | undefined;

  constructor(terms: SubscriptionTerms) {
    this.terms = terms;
  }

  /** From when this resolves, its events are kept for it. */
  declare(transport: EventTransport): Promise<void> {
    const declaring = (this.#declared ??= transport.declare(this.terms.group));
    // Who asks again tries again.
    declaring.catch(() => (this.#declared = undefined));
    return declaring;
  }

  /** Begins to take events of its group, which has to be declared. */
  open(transport: EventTransport): void {
    if (this.#closed || this.#consumption) return;
    this.#consumption = transport.consume(this.terms.group, delivery => this.#deliver(delivery));
  }

  /** Takes no event any more; resolves once those that were taken are handled, or given back after `patience` ms. */
  close(patience: number): Promise<void> {
    return (this.#closed ??= this.#close(patience));
  }

  async #close(patience: number): Promise<void> {
    const late = setTimeout(() => {
      this.#end = new Interrupted(`The plugin stops, and ${patience} ms were not enough`, 'stop');
      for (const interrupt of this.#interrupts) interrupt(this.#end);
    }, patience);
    try {
      await this.#consumption?.close();
    } finally {
      clearTimeout(late);
    }
  }

  async #deliver(delivery: Delivery): Promise<Outcome> {
    const begin = performance.now();
    const { outcome, error } = await this.#traced(delivery);
    this.terms.observe(delivery, outcome, performance.now() - begin, error);
    return outcome;
  }

  async #traced(delivery: Delivery): Promise<Attempted> {
    const { trace, group, account } = this.terms;
    if (!trace) return await this.#attempt(delivery);
    const { event, attempt } = delivery;
    const { id: eventId, topic, metadata } = event;
    const span = trace({ pluginId: account.pluginId, topic, group: group.name, eventId, attempt, metadata });
    const attempted = await span.run(() => this.#attempt(delivery, span.traceparent));
    const { outcome, error } = attempted;
    span.end(error ?? ('error' in outcome ? outcome.error : undefined));
    return attempted;
  }

  async #attempt(delivery: Delivery, traceparent = delivery.event.metadata['traceparent']): Promise<Attempted> {
    const { group, maxAttempts } = this.terms;
    const { event, attempt, flaw } = delivery;
    // A transport that keeps topics apart by name alone cannot know of those that are declared anew by somebody else.
    if (event.isPrivate && event.source !== group.pluginId) return { outcome: { type: 'handled' } };
    if (flaw) return { outcome: { type: 'dead', error: textOf(flaw) }, error: flaw };
    if (attempt > maxAttempts) {
      const error = `Its process ended in each of ${attempt - 1} attempts, or did not answer`;
      return { outcome: { type: 'dead', error } };
    }
    try {
      await this.#handle(delivery, await this.#eventOf(delivery), traceparent);
      return { outcome: { type: 'handled' } };
    } catch (error) {
      return { outcome: this.#failure(error, attempt), error };
    }
  }

  #failure(error: unknown, attempt: number): Outcome {
    const why = error instanceof Interrupted ? error.why : undefined;
    if (why === 'stop') return { type: 'released' };
    const { maxAttempts, retry } = this.terms;
    const text = textOf(error);
    // No other attempt would get to know it better. What is lost is for another member to decide.
    if (isInvalidEvent(error) || (attempt >= maxAttempts && why !== 'lost')) return { type: 'dead', error: text };
    return { type: 'retry', after: retryDelay(attempt, retry), error: text };
  }

  async #eventOf({ event, attempt }: Delivery): Promise<Event> {
    const { id, topic, source, key, metadata, publishedAt } = event;
    return Object.freeze({
      id,
      topic,
      source,
      payload: (await readPayload(this.terms.topic, event.payload)) as never,
      ...(key !== undefined && { key }),
      metadata: Object.freeze({ ...metadata, source }),
      publishedAt: new Date(publishedAt),
      attempt,
    });
  }

  /** Rejects with what the handler does, with an error that nobody caught meanwhile, or with `Interrupted`. */
  #handle({ event, lost }: Delivery, given: Event, traceparent: string | undefined): Promise<void> {
    const { handler, timeout, account } = this.terms;
    const abort = new AbortController();
    return new Promise<void>((resolve, reject) => {
      let isOver = false;
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        this.#interrupts.delete(interrupt);
        lost?.removeEventListener('abort', lose);
        settle();
      };
      const interrupt = (reason: Interrupted): void =>
        end(() => {
          runOnAccount(account, () => abort.abort(reason));
          reject(reason);
        });
      const timer = setTimeout(() => interrupt(new Interrupted(`Not handled in ${timeout} ms`, 'timeout')), timeout);
      const lose = (): void => interrupt(new Interrupted('Its lease is lost: another member may have it', 'lost'));
      if (this.#end) return interrupt(this.#end);
      if (lost?.aborted) return lose();
      lost?.addEventListener('abort', lose);
      this.#interrupts.add(interrupt);
      const request = {
        deadlineFor: () => undefined,
        hopsFor: () => 0,
        requestId: event.id,
        traceparent,
        tracestate: event.metadata['tracestate'],
        get isOver() {
          return isOver;
        },
        fail: (error: unknown): boolean => {
          const couldStill = !isOver;
          end(() => reject(error));
          return couldStill;
        },
      };
      const work = async (): Promise<unknown> => handler(given, abort.signal);
      runOnAccount({ ...account, request }, work).then(
        () => end(resolve),
        (error: unknown) => end(() => reject(error)),
      );
    });
  }
}

/** For people who look at dead letters. */
function textOf(error: unknown): string {
  const text = textOfThrown(error, ({ name, message }) => `${name}: ${message}`);
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
}
