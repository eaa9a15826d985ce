/** @ts-ignore: whoever has no database need not have TypeORM. */
import type { EntityManager } from 'typeorm';
import { Service } from '../../decorators/service.js';
import type { PayloadInputOf, PayloadOf, Topic } from '../contract/define-topic.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from './annotated-method.js';
import type { Duration } from './duration.js';

/** What was published, as a subscriber gets it: a frozen copy of its own. */
export interface Event<T extends Topic = Topic> {
  /** The same in every delivery: whoever must not handle an event twice remembers it. */
  readonly id: string;
  /** `<pluginId>.<id>` of the topic. */
  readonly topic: string;
  /** The plugin that has published it; the framework says so, not the publisher. */
  readonly source: string;
  readonly payload: PayloadOf<T>;
  /** Events with the same key arrive in the order in which they were published. */
  readonly key?: string;
  /** What the publisher has added, and `source`, `traceparent` and `tracestate`, which the framework adds. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly publishedAt: Date;
  /** 1 for the first delivery to this consumer group, 2 for the first retry, and so on. */
  readonly attempt: number;
}

export interface PublishOptions {
  /** Events of one topic with the same key are handled in order. At most 512 characters. */
  readonly key?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** A transaction of the plugin's own database: the event is published if, and only if, that commits. */
  readonly manager?: EntityManager;
}

export interface SubscribeOptions {
  /** Names the consumer group within the plugin: each event goes to one member of each group. */
  readonly id: string;
  /** How many events are handled at the same time at most, never two of one key. Default 1. */
  readonly concurrency?: number;
  /** How long handling one may take; then its signal is aborted and the attempt has failed. Default 30 s. */
  readonly timeout?: Duration;
  /** How often it is tried before the event becomes a dead letter. Default 5. */
  readonly maxAttempts?: number;
}

/** Throwing, rejecting and taking too long mean: not handled; the event is delivered again later. */
export type EventHandler<T extends Topic> = (event: Event<T>, signal: AbortSignal) => unknown;

/** An event that a consumer group could not handle, and that is delivered to it no more unless somebody says so. */
export interface DeadLetter {
  /** The id of the subscription, without that of the plugin. */
  readonly subscription: string;
  /** Of the event. */
  readonly id: string;
  readonly topic: string;
  readonly key?: string;
  /** As JSON text. */
  readonly payload: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly publishedAt: Date;
  /** How often it was tried. */
  readonly attempts: number;
  /** Why it was not handled the last time. */
  readonly error: string;
  readonly diedAt: Date;
}

/**
 * The events that one plugin publishes, and those it subscribes to.
 *
 * Delivery is at least once: an event is delivered to a consumer group until one of its members has handled it, or it has
 * become a dead letter. How it travels, configuration says (`backend.events`): without that, in memory, and not beyond
 * the end of the process.
 */
@Service({ id: 'core.events', scope: 'plugin' })
export abstract class EventsService implements AnnotatedMethodReceiver {
  /**
   * Resolves once the event cannot be lost any more, as far as the transport promises it; with `manager`, once it is
   * written.
   *
   * Rejects with `FOREIGN_TOPIC` for a topic of another plugin, `INVALID_EVENT` for a payload that does not fit its
   * schema or cannot travel, `EVENTS_UNREACHABLE` where the transport does not take it, and `EVENTS_CLOSED` once the
   * plugin has stopped.
   */
  abstract publish<T extends Topic>(topic: T, payload: PayloadInputOf<T>, options?: PublishOptions): Promise<void>;
  /**
   * Begins once the plugin is ready. Throws `INVALID_SUBSCRIPTION`, `DUPLICATE_SUBSCRIPTION`, `FOREIGN_TOPIC` for a
   * private topic of another plugin, and `EVENTS_CLOSED` once the plugin has stopped.
   */
  abstract subscribe<T extends Topic>(topic: T, options: SubscribeOptions, handler: EventHandler<T>): void;
  /** The dead letters of a subscription of this plugin, oldest first. Rejects with a `NotFoundError`. */
  abstract getDeadLetters(subscription: string, options?: { readonly limit?: number }): Promise<readonly DeadLetter[]>;
  /**
   * Delivers dead letters again, as if they had never been tried: those of these event ids, or all. Gives how many there
   * were. An event that has a key comes before later ones of that key that are still waiting, and after those that are not.
   * Rejects with a `NotFoundError`.
   */
  abstract redeliver(subscription: string, eventIds?: readonly string[]): Promise<number>;
  abstract addMethod(method: AnnotatedMethod): TakeOut | void;
}
