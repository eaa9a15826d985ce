import { randomUUID } from 'node:crypto';
import type { EventRecord } from '../event-transport.js';
import type { OutboxTables } from './outbox-tables.js';

/** How many are handed over at once. */
const batch = 100;
/** How long one has the turn to hand over, in ms; it is taken anew for every batch. */
const turn = 5_000;
/** How often is looked for what somebody else has left, in ms. */
const interval = 1_000;

export interface RelayEnd {
  publish(events: readonly EventRecord[]): Promise<void>;
  /** Whether the transport takes events, and is going to deliver them. */
  readonly isOpen: boolean;
  warn(message: string, error: unknown): void;
}

/**
 * Hands what transactions have published to the transport, in the order in which it was written. One process at a time
 * does it for each database; what has been handed over when its process ends may be handed over again.
 */
export class OutboxRelay {
  readonly #tables: OutboxTables;
  readonly #end: RelayEnd;
  readonly #holder = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #isWanted = false;
  #running: Promise<void> | undefined;
  #isClosed = false;
  #isFailing = false;

  constructor(tables: OutboxTables, end: RelayEnd) {
    this.#tables = tables;
    this.#end = end;
    this.#timer = setInterval(() => this.poke(), interval * (0.9 + Math.random() * 0.1)).unref();
    this.poke();
  }

  /** There may be something to hand over. */
  poke(): void {
    this.#isWanted = true;
    if (this.#isClosed) return;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves once nothing is being handed over any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#running;
    await this.#tables.endTurn(this.#holder).catch(() => {});
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWanted && !this.#isClosed && this.#end.isOpen) {
        this.#isWanted = false;
        if (await this.#handOver()) this.#isWanted = true;
      }
      this.#isFailing = false;
    } catch (error) {
      // What is there stays there until it works.
      if (!this.#isFailing) this.#end.warn('What transactions have published cannot be handed over', error);
      this.#isFailing = true;
    }
  }

  /** Whether there was anything. */
  async #handOver(): Promise<boolean> {
    // To look costs less than to take the turn.
    if ((await this.#tables.first(1)).length === 0) return false;
    if (!(await this.#tables.takeTurn(this.#holder, turn))) return false;
    const rows = await this.#tables.first(batch);
    if (rows.length === 0) return false;
    await this.#end.publish(rows.map(({ event }) => JSON.parse(event) as EventRecord));
    await this.#tables.remove(rows);
    return true;
  }
}
