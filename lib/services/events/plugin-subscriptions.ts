import type { EventHandler, SubscribeOptions } from '../../api/events-service.js';
import type { TakeOut } from '../../api/annotated-method.js';
import type { LoggerService } from '../../api/logger-service.js';
import { subscriptionFaults } from '../../api/subscription-faults.js';
import type { Topic } from '../../contract/define-topic.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { parseDuration } from '../../util/duration.js';
import { pause } from '../../util/pause.js';
import type { EventsTelemetry } from './events-telemetry.js';
import type { RootEvents } from './root-events.js';
import { Subscription } from './subscription.js';

/** Between two attempts to open one, in ms. */
const shortestWait = 100;
const longestWait = 5_000;

/** The subscriptions of one plugin: opened once it is ready, closed when it is not any more. */
export class PluginSubscriptions {
  readonly #pluginId: string;
  readonly #root: RootEvents;
  readonly #telemetry: EventsTelemetry;
  readonly #logger: LoggerService;
  readonly #all = new Map<string, Subscription>();
  readonly #forget: () => void;
  readonly #unsubscribe: () => void;
  readonly #atReady: (() => Promise<void>)[] = [];
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(pluginId: string, root: RootEvents, telemetry: EventsTelemetry, logger: LoggerService) {
    this.#pluginId = pluginId;
    this.#root = root;
    this.#telemetry = telemetry;
    this.#logger = logger;
    this.#forget = root.add(this);
    this.#unsubscribe = root.status.subscribe(event => {
      if (event.type !== 'plugin-phase' || event.pluginId !== pluginId) return;
      if (event.phase === 'ready') this.#begin();
      else if (event.phase !== 'starting' && event.phase !== 'waiting') void this.close();
    });
  }

  /** Calls `work` once the plugin is ready; what it may fail with is its own to see to. */
  onReady(work: () => Promise<void>): void {
    if (this.#root.status.plugin(this.#pluginId)?.phase === 'ready') void work();
    else this.#atReady.push(work);
  }

  list(): { readonly id: string; readonly topic: string }[] {
    return [...this.#all].map(([id, { terms }]) => ({ id, topic: terms.topic.name }));
  }

  get(id: string): Subscription | undefined {
    return this.#all.get(id);
  }

  /** Throws what is wrong with it. */
  add(topic: Topic, options: SubscribeOptions, handler: EventHandler<Topic>): TakeOut {
    const pluginId = this.#pluginId;
    const [fault] = subscriptionFaults(pluginId, { topic, options });
    if (fault) throw new BackplaneError({ ...fault, path: [`in plugin '${pluginId}'`] });
    const { id } = options;
    if (this.#all.has(id)) throw duplicate(pluginId, id);
    const subscription = this.#make(topic, options, handler);
    this.#all.set(id, subscription);
    if (this.#root.status.plugin(pluginId)?.phase === 'ready') this.#open(subscription);
    return () => {
      if (this.#all.get(id) === subscription) this.#all.delete(id);
      void subscription.close(this.#root.settings.drainTimeout);
    };
  }

  /** Makes all groups known. One that the transport does not take now is made known later, when it is opened. */
  async declare(): Promise<void> {
    if (this.#all.size === 0) return;
    const transport = await this.#root.transport();
    const declared = [...this.#all.values()].map(subscription => subscription.declare(transport));
    const failed = (await Promise.allSettled(declared)).find(one => one.status === 'rejected');
    if (failed) this.#logger.warn('Subscriptions wait for the transport of events', { error: failed.reason });
  }

  /** Those that are being handled have `patience` ms to end. */
  close(patience = this.#root.settings.drainTimeout): Promise<void> {
    return (this.#closed ??= this.#close(patience));
  }

  async #close(patience: number): Promise<void> {
    this.#closing.abort();
    this.#unsubscribe();
    await Promise.all([...this.#all.values()].map(subscription => subscription.close(patience)));
    this.#forget();
  }

  #begin(): void {
    for (const subscription of this.#all.values()) this.#open(subscription);
    for (const work of this.#atReady.splice(0)) void work();
  }

  #open(subscription: Subscription): void {
    void this.#root.background(() => this.#openSoon(subscription));
  }

  async #openSoon(subscription: Subscription): Promise<void> {
    for (let wait = shortestWait; !this.#closing.signal.aborted && !this.#root.isStopping; wait *= 2) {
      try {
        const transport = await this.#root.transport();
        await subscription.declare(transport);
        subscription.open(transport);
        return;
      } catch (error) {
        if (wait === shortestWait) this.#logger.warn('A subscription waits for the transport of events', { error });
        await pause(Math.min(longestWait, wait), this.#closing.signal);
      }
    }
  }

  #make(topic: Topic, options: SubscribeOptions, handler: EventHandler<Topic>): Subscription {
    const { id, concurrency = 1, timeout = 30_000, maxAttempts = 5 } = options;
    const pluginId = this.#pluginId;
    const telemetry = this.#telemetry;
    return new Subscription({
      group: {
        name: `${pluginId}.${id}`,
        pluginId,
        topic: topic.name,
        concurrency,
        lost: (count, why) => telemetry.dropped(id, topic.name, count, why),
      },
      topic,
      handler,
      maxAttempts,
      timeout: parseDuration(timeout)!,
      retry: this.#root.settings.retry,
      account: { backend: this.#root.status, pluginId },
      trace: this.#root.telemetry.observe,
      observe: (delivery, outcome, duration, error) =>
        telemetry.delivered({ subscription: id, delivery, outcome, duration, error }),
    });
  }
}

function duplicate(pluginId: string, id: string): BackplaneError {
  return new BackplaneError({
    code: 'DUPLICATE_SUBSCRIPTION',
    message: `Plugin '${pluginId}' has two subscriptions '${id}'`,
    path: [`in plugin '${pluginId}'`],
    fix: `give one of them another id, as { id: '${id}-2' }; each names a consumer group of its own.`,
  });
}
