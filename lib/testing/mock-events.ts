import type { AnnotatedMethod, TakeOut } from '../api/annotated-method.js';
import {
  type DeadLetter,
  type Event,
  type EventHandler,
  EventsService,
  type PublishOptions,
  type SubscribeOptions,
} from '../api/events-service.js';
import type { SubscriptionAnnotation } from '../../decorators/subscribe.js';
import type { PayloadInputOf, Topic } from '../contract/define-topic.js';
import { standardOf } from '../contract/json-schema-of.js';

export interface PublishedEvent {
  readonly topic: Topic;
  readonly payload: unknown;
  readonly options: PublishOptions;
}

interface Subscribed {
  readonly topic: Topic;
  readonly options: SubscribeOptions;
  readonly handler: EventHandler<Topic>;
}

/** Keeps what is published and who subscribes; delivers nothing by itself: a test does so when it wants to. */
export class MockEvents extends EventsService {
  readonly published: PublishedEvent[] = [];
  readonly subscriptions: Subscribed[] = [];
  #count = 0;

  override async publish<T extends Topic>(
    topic: T,
    payload: PayloadInputOf<T>,
    options: PublishOptions = {},
  ): Promise<void> {
    this.published.push({ topic, payload: await parsed(topic, payload), options });
  }

  override subscribe<T extends Topic>(topic: T, options: SubscribeOptions, handler: EventHandler<T>): void {
    this.subscriptions.push({ topic, options, handler: handler as EventHandler<Topic> });
  }

  override addMethod({ options, call }: AnnotatedMethod): TakeOut {
    const { topic, ...others } = options as SubscriptionAnnotation;
    const subscribed = { topic, options: others, handler: call as EventHandler<Topic> };
    this.subscriptions.push(subscribed);
    return () => this.subscriptions.splice(this.subscriptions.indexOf(subscribed), 1);
  }

  /**
   * Hands an event to every subscription of the topic, one after the other, and waits for each; rejects as the first of
   * them does.
   */
  async deliver<T extends Topic>(
    topic: T,
    payload: PayloadInputOf<T>,
    { key, metadata = {}, attempt = 1 }: Omit<PublishOptions, 'manager'> & { readonly attempt?: number } = {},
  ): Promise<void> {
    this.#count += 1;
    const id = `event-${this.#count}`;
    for (const subscribed of this.subscriptions.filter(one => one.topic.name === topic.name)) {
      const event: Event = Object.freeze({
        id,
        topic: topic.name,
        source: topic.pluginId,
        payload: (await parsed(topic, payload)) as never,
        ...(key !== undefined && { key }),
        metadata: Object.freeze({ ...metadata, source: topic.pluginId }),
        publishedAt: new Date(),
        attempt,
      });
      await subscribed.handler(event, new AbortController().signal);
    }
  }

  /** None: what a handler fails with is thrown at the test. */
  override async getDeadLetters(): Promise<readonly DeadLetter[]> {
    return [];
  }

  override async redeliver(): Promise<number> {
    return 0;
  }
}

/** A copy, as JSON carries it. */
async function parsed(topic: Topic, payload: unknown): Promise<unknown> {
  const result = await standardOf(topic.payload)['~standard'].validate(payload);
  if (result.issues)
    throw new TypeError(`The payload does not fit topic '${topic.name}': ${result.issues[0]!.message}`);
  return JSON.parse(JSON.stringify(result.value));
}
