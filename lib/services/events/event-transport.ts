import type { LossReason } from './loss-reason.js';

/** One event as it travels. */
export interface EventRecord {
  /** Unique, and the same wherever and however often the event arrives: what is published twice by one id is one event. */
  readonly id: string;
  /** `<pluginId>.<id>`. */
  readonly topic: string;
  /** The plugin that has published it, which is the topic's owner. */
  readonly source: string;
  /** Whether it is for groups of `source` alone. */
  readonly isPrivate: boolean;
  /** Well-formed, without control characters, 512 characters at most. */
  readonly key?: string;
  /** JSON text. */
  readonly payload: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In ms since 1970, by the clock of whoever published it: for people, not for decisions. */
  readonly publishedAt: number;
}

/** Those who share the events of a topic, in however many backends they are: each event goes to one of them. */
export interface ConsumerGroup {
  /** `<pluginId>.<id of the subscription>`. The same name with another topic is another group. */
  readonly name: string;
  readonly pluginId: string;
  readonly topic: string;
  /** How many deliveries this member takes at the same time at most. */
  readonly concurrency: number;
  /** Is told of events that the group will never get, and of dead letters that nobody can deliver again any more. */
  lost(count: number, why: LossReason): void;
}

export interface Delivery {
  readonly event: EventRecord;
  /** 1 for the first delivery to this group. One that ended with its process counts as well. */
  readonly attempt: number;
  /** Aborts when another member may have it, so that whatever becomes of it here is of no use; absent where none could. */
  readonly lost?: AbortSignal;
  /** There where somebody has broken what is kept: why it cannot be handled. `event` has what could be read of it. */
  readonly flaw?: Error;
}

/** What became of an event that was to be published. */
export type Publication = PromiseSettledResult<void>;

/** What becomes of a delivery. */
export type Outcome =
  | { readonly type: 'handled' }
  /** It comes again, with the next `attempt`, not before so many ms; meanwhile no later event of its key does. */
  | { readonly type: 'retry'; readonly after: number; readonly error: string }
  /** It becomes a dead letter; later events of its key go on. */
  | { readonly type: 'dead'; readonly error: string }
  /** This member ends: another one, or a later one, gets it at once, as if this had not been an attempt. */
  | { readonly type: 'released' };

/** Never rejects, and may be called in any async context. */
export type Deliver = (delivery: Delivery) => Promise<Outcome>;

/** One member of a group while it takes deliveries. */
export interface Consumption {
  /** Begins no delivery any more; resolves once the outcomes of those that are under way are kept. */
  close(): Promise<void>;
}

export interface DeadRecord {
  readonly event: EventRecord;
  readonly attempts: number;
  readonly error: string;
  /** In ms since 1970. */
  readonly diedAt: number;
}

/**
 * How events get from those who publish to consumer groups; it knows nothing of schemas, handlers and plugins.
 *
 * What it promises: an event, once `publish()` has resolved, is delivered to every group that was declared before, until
 * the outcome is `handled` or `dead` (at least once). Of one key in one topic, a group has one delivery under way at
 * most, wherever its members are, and gets the events in the order in which they were published, across retries too;
 * a key that has to wait holds up no other key. Whatever becomes of one group is of no concern to another one, or to the
 * publisher. Where the process ends, or the connection breaks, what was being delivered comes again.
 *
 * Decisions that depend on time are made by one clock for all members: the server's, where there is one. A transport
 * connects again by itself, for as long as it takes; what it is asked for meanwhile waits, or rejects with
 * `EVENTS_UNREACHABLE` (`unreachable()`) after a while. It calls `deliver`, and does whatever else is not for a caller
 * who waits, in the async context of the backend itself (`TransportSurroundings.background`), never in that of a
 * publisher, which may be within a request or a transaction.
 */
export interface EventTransport extends AsyncDisposable {
  /**
   * Gives what became of each, once none that was published can be lost. They are published in this order, after those of
   * earlier calls. One that would never be taken is rejected with `INVALID_EVENT`, and the others go on; where one cannot
   * be published for now, the later ones of its key in this call are not published either: whoever publishes it again has
   * to be first.
   */
  publish(events: readonly EventRecord[]): Promise<readonly Publication[]>;
  /** There where some are refused: the `INVALID_EVENT` that `publish()` would give, as far as is known by now. */
  refusalOf?(event: EventRecord): Error | undefined;
  /**
   * Makes a group known: whatever is published once this has resolved is kept for it, whether it has a member or not. One
   * that is known already stays as it is.
   */
  declare(group: ConsumerGroup): Promise<void>;
  /** Begins to deliver to this member of a declared group. */
  consume(group: ConsumerGroup, deliver: Deliver): Consumption;
  /** Oldest first, `limit` of them at most. */
  deadLetters(group: ConsumerGroup, limit: number): Promise<readonly DeadRecord[]>;
  /** Takes these dead letters, or all, back among the waiting, with no attempts behind them; gives how many. */
  redeliver(group: ConsumerGroup, eventIds: readonly string[] | undefined): Promise<number>;
  /** Rejects while events cannot travel. */
  check(): Promise<void>;
  /**
   * There only where what is undelivered ends with this process: resolves once nothing is waiting that could be delivered
   * now, or `signal` aborts. Gives how many events are left then.
   */
  drain?(signal: AbortSignal): Promise<number>;
}

/** What a transport is made with. */
export interface TransportSurroundings {
  /** Runs work in the async context of the backend itself. */
  readonly background: <T>(work: () => T) => T;
  readonly logger: {
    info(message: string, meta?: Record<string, unknown>): void;
    warn(message: string, meta?: Record<string, unknown>): void;
  };
  /** Whether plugins are still starting, so that groups may yet be declared which are not late. */
  readonly isStarting: () => boolean;
}
