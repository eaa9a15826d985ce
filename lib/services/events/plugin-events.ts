import { randomUUID } from 'node:crypto';
import type { SubscriptionAnnotation } from '../../../decorators/subscribe.js';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import { currentAccount } from '../../api/attribution.js';
import {
  type DeadLetter,
  type EventHandler,
  EventsService,
  type PublishOptions,
  type SubscribeOptions,
} from '../../api/events-service.js';
import { LifecycleService } from '../../api/lifecycle-service.js';
import { LoggerService } from '../../api/logger-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { MetricsService } from '../../api/metrics-service.js';
import { isTopic, type PayloadInputOf, type Topic } from '../../contract/define-topic.js';
import { NotFoundError } from '../../errors/http-error.js';
import { EventsTelemetry } from './events-telemetry.js';
import { writePayload } from './event-payload.js';
import type { EventRecord } from './event-transport.js';
import { eventsClosed, foreignTopic, invalidEvent } from './events-errors.js';
import { RootEvents } from './root-events.js';
import { soundPublication } from './sound-publication.js';
import { PluginSubscriptions } from './plugin-subscriptions.js';

/** The events of one plugin. */
@Service({ implements: EventsService })
export class PluginEvents extends EventsService implements AsyncDisposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #root: RootEvents;
  readonly #telemetry: EventsTelemetry;
  readonly #subscriptions: PluginSubscriptions;
  /** By topic, what is still being checked by schemas that take their time: what comes later comes after. */
  readonly #checking = new Map<string, Promise<unknown>>();
  #isClosed = false;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootEvents) root: RootEvents,
    @Inject(LifecycleService) lifecycle: LifecycleService,
    @Inject(LoggerService) logger: LoggerService,
    @Inject(MetricsService) metrics: MetricsService,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#root = root;
    this.#telemetry = new EventsTelemetry(logger, metrics);
    this.#subscriptions = new PluginSubscriptions(this.#pluginId, root, this.#telemetry, logger);
    if (root.status.plugin(this.#pluginId)?.phase === 'ready') return;
    lifecycle.addStartupHook(() => this.#subscriptions.declare(), { name: 'subscriptions' });
    const timeout = root.settings.drainTimeout + 1_000;
    lifecycle.addShutdownHook(() => this.#subscriptions.close(), { name: 'subscriptions', timeout });
  }

  override async publish<T extends Topic>(
    topic: T,
    payload: PayloadInputOf<T>,
    options: PublishOptions = {},
  ): Promise<void> {
    const record = this.#recordOf(topic, payload, options);
    const transport = await this.#root.transport();
    await transport.publish([record instanceof Promise ? await record : record]);
    this.#telemetry.published(topic.name);
  }

  override subscribe<T extends Topic>(topic: T, options: SubscribeOptions, handler: EventHandler<T>): void {
    this.#refuseClosed();
    this.#subscriptions.add(topic, options, handler as EventHandler<Topic>);
  }

  override addMethod({ options, call }: AnnotatedMethod): TakeOut {
    const { topic, ...others } = options as SubscriptionAnnotation;
    return this.#subscriptions.add(topic, others, call as EventHandler<Topic>);
  }

  override async getDeadLetters(
    subscription: string,
    { limit = 100 }: { readonly limit?: number } = {},
  ): Promise<readonly DeadLetter[]> {
    const { group } = this.#find(subscription);
    const transport = await this.#root.transport();
    const records = await transport.deadLetters(group, limit);
    return records.map(({ event, attempts, error, diedAt }) => {
      const { id, topic, key, payload, metadata, publishedAt } = event;
      return Object.freeze({
        subscription,
        id,
        topic,
        ...(key !== undefined && { key }),
        payload,
        metadata: Object.freeze({ ...metadata }),
        publishedAt: new Date(publishedAt),
        attempts,
        error,
        diedAt: new Date(diedAt),
      });
    });
  }

  override async redeliver(subscription: string, eventIds?: readonly string[]): Promise<number> {
    const { group } = this.#find(subscription);
    return (await this.#root.transport()).redeliver(group, eventIds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#subscriptions.close();
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw eventsClosed(this.#pluginId);
  }

  #find(subscription: string) {
    this.#refuseClosed();
    const found = this.#subscriptions.get(subscription);
    if (found) return found.terms;
    throw new NotFoundError(`Plugin '${this.#pluginId}' has no subscription '${subscription}'`);
  }

  #recordOf(topic: Topic, payload: unknown, options: PublishOptions): EventRecord | Promise<EventRecord> {
    this.#refuseClosed();
    if (!isTopic(topic)) {
      const fix = 'name what defineTopic() gave; where it is imported, two modules may import each other.';
      throw invalidEvent(String(topic), 'is of no topic', fix);
    }
    const { name, pluginId, private: isPrivate } = topic;
    if (pluginId !== this.#pluginId) throw foreignTopic(this.#pluginId, name, pluginId);
    const { key, metadata } = soundPublication(name, options);
    const { traceparent, tracestate } = currentAccount()?.request ?? {};
    const record = {
      id: randomUUID(),
      topic: name,
      source: pluginId,
      isPrivate,
      ...(key !== undefined && { key }),
      metadata: {
        ...metadata,
        ...(traceparent !== undefined && { traceparent }),
        ...(traceparent !== undefined && tracestate !== undefined && { tracestate }),
      },
      publishedAt: Date.now(),
    };
    const written = this.#write(topic, payload);
    if (typeof written !== 'string') return written.then(text => this.#complete(record, text));
    return this.#complete(record, written);
  }

  #write(topic: Topic, payload: unknown): string | Promise<string> {
    const earlier = this.#checking.get(topic.name);
    const written = earlier ? earlier.then(() => writePayload(topic, payload)) : writePayload(topic, payload);
    if (typeof written === 'string') return written;
    const checked = written
      .catch(() => {})
      .then(() => {
        if (this.#checking.get(topic.name) === checked) this.#checking.delete(topic.name);
      });
    this.#checking.set(topic.name, checked);
    return written;
  }

  #complete(record: Omit<EventRecord, 'payload'>, payload: string): EventRecord {
    const size = Buffer.byteLength(payload) + Buffer.byteLength(JSON.stringify(record.metadata));
    const { maxEventSize } = this.#root.settings;
    if (size <= maxEventSize) return { ...record, payload };
    const fix = `publish where to get it instead, or raise backend.events.maxEventSize.`;
    throw invalidEvent(record.topic, `has ${size} bytes, and ${maxEventSize} are allowed`, fix);
  }
}
