import { randomUUID } from 'node:crypto';
import type { EventRecord, Publication } from '../event-transport.js';
import { brokenRow, isInvalidEvent } from '../events-errors.js';
import { Lease } from '../lease.js';
import { readRow, type RefusedEvent } from './outbox-event.js';
import type { OutboxRow, OutboxTables } from './outbox-tables.js';

/** How many are handed over at once. */
const batch = 100;
/** How much longer than a publication may take one has the turn to hand over, in ms. */
const margin = 5_000;
/** How often is looked for what somebody else has left, in ms. */
const interval = 1_000;

export interface RelayEnd {
  /** As that of a transport. */
  publish(events: readonly EventRecord[]): Promise<readonly Publication[]>;
  /** How long that may take, in ms. */
  readonly publishTimeout: number;
  /** Is told of an event that was set aside. */
  refused(event: RefusedEvent, error: unknown): void;
  /** Whether the transport takes events, and is going to deliver them. */
  readonly isOpen: boolean;
  warn(message: string, error: unknown): void;
}

/**
 * Hands what transactions have published to the transport, in the order in which it was written. One process at a time
 * does it for each database; what has been handed over when its process ends may be handed over again. What the transport
 * would never take is set aside, and so is what is no event: it would hold up everything behind it.
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
    const duration = this.#end.publishTimeout + margin;
    const since = performance.now();
    if (!(await this.#tables.takeTurn(this.#holder, duration))) return false;
    const turn = new Lease(duration, since);
    // Events of one key go one after the other, each with its own time: together they may outlast any turn.
    let renewed: Promise<void> | undefined;
    const renewal = setInterval(() => (renewed = this.#renew(turn, duration)), duration / 3).unref();
    try {
      const rows = await this.#tables.first(batch);
      // Whoever has the turn now has read them as well, and may be further.
      if (turn.isOver) return true;
      if (rows.length > 0) await this.#publish(rows);
      return rows.length > 0;
    } finally {
      clearInterval(renewal);
      turn.release();
      // Or it would come after the end of the turn.
      await renewed;
    }
  }

  async #renew(turn: Lease, duration: number): Promise<void> {
    const since = performance.now();
    try {
      if (await this.#tables.takeTurn(this.#holder, duration)) turn.renew(since);
      else turn.lose();
    } catch {
      // It is tried again before the turn ends.
    }
  }

  /** Whatever becomes of one row, those that were published are not published again. Rejects where some have to stay. */
  async #publish(rows: readonly OutboxRow[]): Promise<void> {
    const sound: { readonly row: OutboxRow; readonly event: EventRecord }[] = [];
    const hopeless: { readonly row: OutboxRow; readonly event: RefusedEvent; readonly error: Error }[] = [];
    for (const row of rows) {
      const read = readRow(row);
      if ('event' in read) sound.push({ row, event: read.event });
      else hopeless.push({ row, event: read.broken, error: brokenRow(this.#tables.place, row.seq, read.broken) });
    }
    const results = sound.length > 0 ? await this.#end.publish(sound.map(({ event }) => event)) : [];
    const published = sound.filter((_, index) => results[index]!.status === 'fulfilled');
    if (published.length > 0) await this.#tables.remove(published.map(({ row }) => row));
    let failure: PromiseRejectedResult | undefined;
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      if (isInvalidEvent(result.reason)) hopeless.push({ ...sound[index]!, error: result.reason });
      else failure ??= result;
    }
    for (const { row, event, error } of hopeless) await this.#setAside(row, event, error);
    if (failure) throw failure.reason;
  }

  async #setAside(row: OutboxRow, event: RefusedEvent, error: Error): Promise<void> {
    await this.#tables.setAside(row, event.id, error.message);
    this.#end.refused(event, error);
  }
}
