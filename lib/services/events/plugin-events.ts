import type { SubscriptionAnnotation } from '../../../decorators/subscribe.js';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import {
  type DeadLetter,
  type EventHandler,
  EventsService,
  type PublishOptions,
  type SubscribeOptions,
} from '../../api/events-service.js';
import { DatabaseService } from '../../api/database-service.js';
import { DeclaredTables } from '../../api/declared-tables.js';
import { AuditorService } from '../../api/auditor-service.js';
import { HttpRouterService } from '../../api/http-services.js';
import { RootHealthService } from '../../api/root-health-service.js';
import { addEventsRoutes, type ListedLetter } from './events-routes.js';
import { LifecycleService } from '../../api/lifecycle-service.js';
import { LoggerService } from '../../api/logger-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { MetricsService } from '../../api/metrics-service.js';
import type { PayloadInputOf, Topic } from '../../contract/define-topic.js';
import { NotFoundError } from '../../errors/http-error.js';
import { atMost } from '../../util/pause.js';
import { EventsTelemetry } from './events-telemetry.js';
import type { ConsumerGroup, EventTransport } from './event-transport.js';
import { EventWriter } from './event-writer.js';
import { eventsClosed } from './events-errors.js';
import type { PluginOutbox } from './outbox/plugin-outbox.js';
import { RootEvents } from './root-events.js';
import { PluginSubscriptions } from './plugin-subscriptions.js';

/** How long the start of a plugin waits for servers, in ms; less than a hook may take. */
const startPatience = 3_000;

/** How long the transport may take to say that it is there, in ms. */
const checkTimeout = 2_000;

/** The events of one plugin. */
@Service({ implements: EventsService })
export class PluginEvents extends EventsService implements AsyncDisposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #root: RootEvents;
  readonly #writer: EventWriter;
  readonly #telemetry: EventsTelemetry;
  readonly #subscriptions: PluginSubscriptions;
  readonly #outbox: PluginOutbox;
  readonly #addRoutes: () => () => void;
  #removeRoutes: (() => void) | undefined;
  #isClosed = false;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootEvents) root: RootEvents,
    @Inject(LifecycleService) lifecycle: LifecycleService,
    @Inject(LoggerService) logger: LoggerService,
    @Inject(MetricsService) metrics: MetricsService,
    @Inject(DatabaseService) database: DatabaseService,
    @Inject(DeclaredTables) tables: DeclaredTables,
    @Inject(HttpRouterService) router: HttpRouterService,
    @Inject(AuditorService) auditor: AuditorService,
    @Inject(RootHealthService) health: Pick<RootHealthService, 'addCheck'>,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#root = root;
    this.#writer = new EventWriter(this.#pluginId, root.settings.maxEventSize, () => root.telemetry.activeTrace());
    this.#telemetry = new EventsTelemetry(logger, metrics);
    this.#subscriptions = new PluginSubscriptions(this.#pluginId, root, this.#telemetry, logger);
    this.#outbox = root.outboxOf(this.#pluginId, database, logger, (event, error) =>
      this.#telemetry.refused(event, error),
    );
    this.#addRoutes = () =>
      addEventsRoutes({
        pluginId: this.#pluginId,
        router,
        auditor,
        letters: (subscription, limit) => this.#letters(subscription, limit),
        redeliver: (subscription, eventIds) => this.redeliver(subscription, eventIds),
        subscriptions: () => this.#subscriptions.list(),
      });
    this.#watch(health);
    // Whoever declares no tables has hardly had transactions.
    const hasTables = tables.owners.some(owned => owned.entities.length > 0 || owned.migrations.length > 0);
    if (hasTables) this.#subscriptions.onReady(() => this.#outbox.resume());
    if (root.status.plugin(this.#pluginId)?.phase === 'ready') return;
    lifecycle.addStartupHook(() => this.#start(hasTables), { name: 'subscriptions' });
    const timeout = root.settings.drainTimeout + 1_000;
    lifecycle.addShutdownHook(() => this.#subscriptions.close(), { name: 'subscriptions', timeout });
  }

  override async publish<T extends Topic>(
    topic: T,
    payload: PayloadInputOf<T>,
    options: PublishOptions = {},
  ): Promise<void> {
    this.#refuseClosed();
    const written = this.#writer.write(topic, payload, options);
    const record = written instanceof Promise ? await written : written;
    const { manager } = options;
    if (manager) {
      // Now the transaction can still be undone.
      this.#root.refuseHopeless(record);
      await this.#outbox.write(record, manager);
    } else {
      const [publication] = await (await this.#root.transport()).publish([record]);
      if (publication!.status === 'rejected') throw publication!.reason;
    }
    this.#telemetry.published(topic.name);
  }

  override subscribe<T extends Topic>(topic: T, options: SubscribeOptions, handler: EventHandler<T>): void {
    this.#refuseClosed();
    this.#add(topic, options, handler as EventHandler<Topic>);
  }

  override addMethod({ options, call }: AnnotatedMethod): TakeOut {
    const { topic, ...others } = options as SubscriptionAnnotation;
    return this.#add(topic, others, call as EventHandler<Topic>);
  }

  override async getDeadLetters(
    subscription: string,
    { limit = 100 }: { readonly limit?: number } = {},
  ): Promise<readonly DeadLetter[]> {
    return (await this.#letters(subscription, limit)).map(({ letter }) => letter);
  }

  override async redeliver(subscription: string, eventIds?: readonly string[]): Promise<number> {
    const { group, transport } = await this.#find(subscription);
    return transport.redeliver(group, eventIds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#removeRoutes?.();
    await Promise.all([this.#subscriptions.close(), this.#outbox.close()]);
  }

  #add(topic: Topic, options: SubscribeOptions, handler: EventHandler<Topic>): TakeOut {
    const takeOut = this.#subscriptions.add(topic, options, handler);
    this.#removeRoutes ??= this.#addRoutes();
    return takeOut;
  }

  /** A server that is away is no reason not to start. */
  async #start(hasTables: boolean): Promise<void> {
    const prepared = Promise.all([this.#subscriptions.declare(), hasTables && this.#outbox.prepare()]);
    await atMost(startPatience, prepared);
  }

  /** Whoever is asked can answer all the same, so the backend stays ready while events do not travel. */
  #watch(health: Pick<RootHealthService, 'addCheck'>): void {
    if (this.#root.settings.transport === 'memory') return;
    health.addCheck({
      pluginId: this.#pluginId,
      id: 'events',
      affectsReadiness: false,
      timeout: checkTimeout,
      check: async () => (await this.#root.transport()).check(),
    });
  }

  async #letters(subscription: string, limit: number): Promise<readonly ListedLetter[]> {
    const { group, topic, transport } = await this.#find(subscription);
    const records = await transport.deadLetters(group, limit);
    return records.map(({ event, attempts, error, diedAt }) => {
      const { id, key, payload, metadata, publishedAt } = event;
      const letter = Object.freeze({
        subscription,
        id,
        topic: event.topic,
        ...(key !== undefined && { key }),
        payload,
        metadata: Object.freeze({ ...metadata }),
        publishedAt: new Date(publishedAt),
        attempts,
        error,
        diedAt: new Date(diedAt),
      });
      // The topic may have become private after it was published.
      return { letter, isPrivate: event.isPrivate || topic.private };
    });
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw eventsClosed(this.#pluginId);
  }

  async #find(
    id: string,
  ): Promise<{ readonly group: ConsumerGroup; readonly topic: Topic; readonly transport: EventTransport }> {
    this.#refuseClosed();
    const subscription = this.#subscriptions.get(id);
    if (!subscription) throw new NotFoundError(`Plugin '${this.#pluginId}' has no subscription '${id}'`);
    const transport = await this.#root.transport();
    await subscription.declare(transport);
    const { group, topic } = subscription.terms;
    return { group, topic, transport };
  }
}
