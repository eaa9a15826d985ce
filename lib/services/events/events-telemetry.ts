import type { LoggerService } from '../../api/logger-service.js';
import type { Counter, Histogram, MetricsService } from '../../api/metrics-service.js';
import type { Delivery, Outcome } from './event-transport.js';
import type { RefusedEvent } from './outbox/outbox-event.js';
import { lossMessages, type LossReason } from './loss-reason.js';
import { Throttled } from './throttled.js';

interface Delivered {
  readonly subscription: string;
  readonly delivery: Delivery;
  readonly outcome: Outcome;
  /** In ms. */
  readonly duration: number;
  readonly error: unknown;
}

/** What is measured and logged of the events of one plugin. */
export class EventsTelemetry {
  readonly #logger: LoggerService;
  readonly #lines = new Map<string, Throttled>();
  readonly #published: Counter;
  readonly #deliveries: Counter;
  readonly #dropped: Counter;
  readonly #refused: Counter;
  readonly #duration: Histogram;

  constructor(logger: LoggerService, metrics: MetricsService) {
    this.#logger = logger;
    this.#published = metrics.createCounter('events.published', { unit: '{event}' });
    this.#deliveries = metrics.createCounter('events.deliveries', {
      unit: '{delivery}',
      description: 'Deliveries by outcome: handled, retry, dead or released.',
    });
    this.#dropped = metrics.createCounter('events.dropped', {
      unit: '{event}',
      description: 'Events and dead letters that are gone, by why: no-room, too-old, dead-no-room or dead-too-old.',
    });
    this.#refused = metrics.createCounter('events.refused', {
      unit: '{event}',
      description: 'Events of transactions that the transport would never take, or whose rows hold no event any more.',
    });
    this.#duration = metrics.createHistogram('events.duration', { unit: 's', description: 'Time spent in handlers.' });
  }

  published(topic: string): void {
    this.#published.add(1, { topic });
  }

  delivered({ subscription, delivery, outcome, duration, error }: Delivered): void {
    const { topic, id, key } = delivery.event;
    this.#deliveries.add(1, { topic, subscription, outcome: outcome.type });
    this.#duration.record(duration / 1_000, { topic, subscription });
    if (outcome.type !== 'retry' && outcome.type !== 'dead') return;
    const isDead = outcome.type === 'dead';
    const message = isDead
      ? 'An event was not handled and is a dead letter now'
      : 'An event was not handled, and is delivered again';
    const about = { topic, subscription, event: id, key, attempt: delivery.attempt };
    this.#throttled(`${outcome.type} ${subscription}`, 1, count =>
      this.#logger[isDead ? 'error' : 'warn'](message, { ...about, count, error: error ?? outcome.error }),
    );
  }

  dropped(subscription: string, topic: string, count: number, why: LossReason): void {
    this.#dropped.add(count, { topic, subscription, why });
    this.#throttled(`${why} ${subscription}`, count, all =>
      this.#logger.error(lossMessages[why], { topic, subscription, count: all }),
    );
  }

  /** Each has a line of its own: somebody has to see to it. */
  refused({ topic, id, key }: RefusedEvent, error: unknown): void {
    this.#refused.add(1, { ...(topic !== undefined && { topic }) });
    const message =
      'An event that a transaction has published cannot be handed over, and is kept in backplane_outbox_refused';
    this.#logger.error(message, { topic, event: id, key, error });
  }

  #throttled(what: string, count: number, write: (count: number) => void): void {
    let line = this.#lines.get(what);
    if (!line) this.#lines.set(what, (line = new Throttled()));
    line.add(count, write);
  }
}
