import type { ConsumerGroup, Consumption, DeadRecord, Deliver, EventRecord, Outcome } from './event-transport.js';

/** How much is kept for one group. */
export interface MemoryLimits {
  readonly maxQueueLength: number;
  /** In bytes of whole events: of those that wait, and once more of dead letters with their errors. */
  readonly maxQueueSize: number;
  readonly maxDeadLetters: number;
}

/** An event as it was published. */
export interface Arrival {
  readonly event: EventRecord;
  /** Greater than that of every event published before. */
  readonly order: number;
  /** In bytes. */
  readonly size: number;
}

interface Entry extends Arrival {
  attempt: number;
}

interface Dead extends DeadRecord, Arrival {
  /** Of the event and the error, in bytes. */
  readonly deadSize: number;
}

/** Events that are delivered one after the other: those of one key, or a single one that has none. */
interface Lane {
  readonly key: string | undefined;
  readonly entries: Entry[];
}

/** What waits in memory for one consumer group, and who takes it. */
export class MemoryGroup {
  #group: ConsumerGroup;
  readonly #limits: MemoryLimits;
  readonly #background: <T>(work: () => T) => T;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes whose first event can be delivered now, in the order in which it could. */
  readonly #ready = new Set<Lane>();
  readonly #resting = new Map<Lane, NodeJS.Timeout>();
  readonly #dead: Dead[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #onIdle = new Set<() => void>();
  #deliver: Deliver | undefined;
  #isPumping = false;
  #length = 0;
  #size = 0;
  #deadSize = 0;

  constructor(group: ConsumerGroup, limits: MemoryLimits, background: <T>(work: () => T) => T) {
    this.#group = group;
    this.#limits = limits;
    this.#background = background;
  }

  get pluginId(): string {
    return this.#group.pluginId;
  }

  /** How many events are waiting or being delivered. */
  get length(): number {
    return this.#length;
  }

  get isIdle(): boolean {
    return this.#running.size === 0 && (this.#ready.size === 0 || !this.#deliver);
  }

  /** Resolves once nothing can be delivered now. */
  idle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise(resolve => this.#onIdle.add(resolve));
  }

  add(arrival: Arrival): void {
    const { maxQueueLength, maxQueueSize } = this.#limits;
    if (this.#length >= maxQueueLength || this.#size + arrival.size > maxQueueSize) this.#group.lost(1, 'no-room');
    else this.#insert({ ...arrival, attempt: 0 });
  }

  /** A plugin that starts again comes as another member, and takes the place of the one before. */
  consume(group: ConsumerGroup, deliver: Deliver): Consumption {
    this.#group = group;
    this.#deliver = deliver;
    this.#pumpSoon();
    return {
      close: async () => {
        if (this.#deliver === deliver) this.#deliver = undefined;
        this.#tellIdle();
        await Promise.all(this.#running);
      },
    };
  }

  deadLetters(limit: number): readonly DeadRecord[] {
    return this.#dead.slice(0, limit);
  }

  redeliver(eventIds: ReadonlySet<string> | undefined): number {
    const taken = this.#dead.filter(({ event }) => eventIds?.has(event.id) ?? true);
    for (const record of taken) {
      const { event, order, size } = record;
      this.#dead.splice(this.#dead.indexOf(record), 1);
      this.#deadSize -= record.deadSize;
      this.#insert({ event, order, size, attempt: 0 });
    }
    return taken.length;
  }

  /** Ends every timer. */
  end(): void {
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
  }

  #insert(entry: Entry): void {
    this.#length += 1;
    this.#size += entry.size;
    const { key } = entry.event;
    const known = key === undefined ? undefined : this.#lanes.get(key);
    if (known) {
      // The first is being delivered, or is about to be.
      const later = known.entries.findIndex(({ order }, index) => index > 0 && order > entry.order);
      known.entries.splice(later === -1 ? known.entries.length : later, 0, entry);
      return;
    }
    const lane: Lane = { key, entries: [entry] };
    if (key !== undefined) this.#lanes.set(key, lane);
    this.#ready.add(lane);
    this.#pumpSoon();
  }

  /** Whoever publishes goes on first. */
  #pumpSoon(): void {
    if (this.#isPumping || !this.#deliver) return;
    this.#isPumping = true;
    this.#background(() =>
      setImmediate(() => {
        this.#isPumping = false;
        this.#pump();
      }),
    );
  }

  #pump(): void {
    for (const lane of this.#ready) {
      const deliver = this.#deliver;
      if (!deliver || this.#running.size >= this.#group.concurrency) return;
      this.#ready.delete(lane);
      const run: Promise<void> = this.#run(lane, deliver).finally(() => {
        this.#running.delete(run);
        this.#tellIdle();
        this.#pumpSoon();
      });
      this.#running.add(run);
    }
  }

  async #run(lane: Lane, deliver: Deliver): Promise<void> {
    const entry = lane.entries[0]!;
    entry.attempt += 1;
    const { event, attempt } = entry;
    this.#settle(lane, entry, await deliver({ event, attempt }));
  }

  #settle(lane: Lane, entry: Entry, outcome: Outcome): void {
    if (outcome.type === 'released') entry.attempt -= 1;
    if (outcome.type === 'retry') {
      const wake = () => {
        this.#resting.delete(lane);
        this.#ready.add(lane);
        this.#pumpSoon();
      };
      this.#resting.set(lane, this.#background(() => setTimeout(wake, outcome.after)).unref());
      return;
    }
    if (outcome.type !== 'released') {
      lane.entries.shift();
      this.#length -= 1;
      this.#size -= entry.size;
    }
    if (outcome.type === 'dead') this.#bury(entry, outcome.error);
    if (lane.entries.length > 0) this.#ready.add(lane);
    else if (lane.key !== undefined) this.#lanes.delete(lane.key);
  }

  #bury({ event, order, size, attempt: attempts }: Entry, error: string): void {
    const deadSize = size + Buffer.byteLength(error);
    this.#dead.push({ event, order, size, deadSize, attempts, error, diedAt: Date.now() });
    this.#deadSize += deadSize;
    const { maxDeadLetters, maxQueueSize } = this.#limits;
    let lost = 0;
    for (; this.#dead.length > maxDeadLetters || this.#deadSize > maxQueueSize; lost += 1) {
      this.#deadSize -= this.#dead.shift()!.deadSize;
    }
    if (lost > 0) this.#group.lost(lost, 'dead-no-room');
  }

  #tellIdle(): void {
    if (!this.isIdle) return;
    for (const tell of this.#onIdle) tell();
    this.#onIdle.clear();
  }
}
