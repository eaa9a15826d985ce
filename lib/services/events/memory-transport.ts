import { sizeOf } from './event-size.js';
import type {
  ConsumerGroup,
  Consumption,
  DeadRecord,
  Deliver,
  EventRecord,
  EventTransport,
  Publication,
  TransportSurroundings,
} from './event-transport.js';
import { type Arrival, MemoryGroup, type MemoryLimits } from './memory-group.js';

const published: Publication = { status: 'fulfilled', value: undefined };

/**
 * Carries events within this process: nothing outlives it, and each group has room for so many only; what comes when it
 * is full is lost to that group, which is told.
 */
export class MemoryTransport implements EventTransport {
  readonly #limits: MemoryLimits;
  readonly #surroundings: TransportSurroundings;
  /** By topic and name. */
  readonly #groups = new Map<string, Map<string, MemoryGroup>>();
  /** What was published while plugins start, for those that have yet to say that they want it. */
  #early: Arrival[] = [];
  #earlySize = 0;
  #order = 0;

  constructor(limits: MemoryLimits, surroundings: TransportSurroundings) {
    this.#limits = limits;
    this.#surroundings = surroundings;
  }

  async publish(events: readonly EventRecord[]): Promise<readonly Publication[]> {
    const isStarting = this.#surroundings.isStarting();
    if (!isStarting) this.#forgetEarly();
    for (const event of events) {
      this.#order += 1;
      const arrival = { event, order: this.#order, size: sizeOf(event) };
      if (isStarting) this.#keepEarly(arrival);
      for (const group of this.#groups.get(event.topic)?.values() ?? []) give(group, arrival);
    }
    return events.map(() => published);
  }

  async declare(group: ConsumerGroup): Promise<void> {
    const { topic, name } = group;
    const groups = this.#groups.get(topic) ?? new Map<string, MemoryGroup>();
    this.#groups.set(topic, groups);
    if (groups.has(name)) return;
    const made = new MemoryGroup(group, this.#limits, this.#surroundings.background);
    groups.set(name, made);
    if (!this.#surroundings.isStarting()) this.#forgetEarly();
    for (const arrival of this.#early) if (arrival.event.topic === topic) give(made, arrival);
  }

  consume(group: ConsumerGroup, deliver: Deliver): Consumption {
    return this.#groupOf(group).consume(group, deliver);
  }

  async deadLetters(group: ConsumerGroup, limit: number): Promise<readonly DeadRecord[]> {
    return this.#groupOf(group).deadLetters(limit);
  }

  async redeliver(group: ConsumerGroup, eventIds: readonly string[] | undefined): Promise<number> {
    return this.#groupOf(group).redeliver(eventIds && new Set(eventIds));
  }

  async check(): Promise<void> {}

  async drain(signal: AbortSignal): Promise<number> {
    const given = new Promise<void>(resolve => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const all = this.#all();
    // One may publish to another.
    while (!signal.aborted && !all.every(group => group.isIdle)) {
      await Promise.race([given, Promise.all(all.map(group => group.idle()))]);
    }
    return all.reduce((total, { length }) => total + length, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const group of this.#all()) group.end();
    this.#groups.clear();
    this.#forgetEarly();
  }

  #keepEarly(arrival: Arrival): void {
    const { maxQueueLength, maxQueueSize } = this.#limits;
    this.#earlySize += arrival.size;
    if (this.#early.length < maxQueueLength && this.#earlySize <= maxQueueSize) this.#early.push(arrival);
  }

  #forgetEarly(): void {
    this.#early = [];
    this.#earlySize = 0;
  }

  #all(): MemoryGroup[] {
    return [...this.#groups.values()].flatMap(groups => [...groups.values()]);
  }

  /** One whose plugin starts again stays as it was. */
  #groupOf({ topic, name }: ConsumerGroup): MemoryGroup {
    return this.#groups.get(topic)!.get(name)!;
  }
}

function give(group: MemoryGroup, arrival: Arrival): void {
  const { isPrivate, source } = arrival.event;
  if (!isPrivate || group.pluginId === source) group.add(arrival);
}
