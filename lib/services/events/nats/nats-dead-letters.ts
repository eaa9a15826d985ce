import type { ConsumerGroup, DeadRecord } from '../event-transport.js';
import type { Patience } from './nats-bus.js';
import type { NatsStreams, Stored } from './nats-streams.js';
import type { KeyStates } from './nats-key-states.js';
import { type NatsNames, tokenOf } from './nats-names.js';
import { decodeDead, encodeDead, encodeEvent } from './nats-record.js';

/** The dead letters of all groups, as a stream of their own. */
export class NatsDeadLetters {
  readonly #streams: NatsStreams;
  readonly #names: NatsNames;
  readonly #states: KeyStates;

  constructor(streams: NatsStreams, names: NatsNames, states: KeyStates) {
    this.#streams = streams;
    this.#names = names;
    this.#states = states;
  }

  /** What is added twice is there once. */
  async add(group: ConsumerGroup, record: DeadRecord, patience: Patience): Promise<void> {
    const subject = this.#names.deadSubject(group, tokenOf(record.event.id));
    await this.#streams.publish(this.#names.dead, subject, encodeDead(record), patience);
  }

  async list(group: ConsumerGroup, limit: number, patience: Patience): Promise<readonly DeadRecord[]> {
    const records: DeadRecord[] = [];
    for await (const { record } of this.#all(group, patience)) if (records.push(record) >= limit) break;
    return records;
  }

  /**
   * Publishes them once more, for the group alone. A key of which something comes again is marked, so that it comes
   * before what waits: whoever handles its events looks here first.
   */
  async redeliver(
    group: ConsumerGroup,
    eventIds: ReadonlySet<string> | undefined,
    patience: Patience,
  ): Promise<number> {
    let count = 0;
    for await (const { record, stored } of this.#all(group, patience)) {
      const { event } = record;
      if (eventIds && !eventIds.has(event.id)) continue;
      const token = tokenOf(event.key);
      const subject = this.#names.againSubject(group, token);
      // Where it ends here, it is taken back once all the same.
      const msgID = `${group.name} ${event.id} ${stored.seq}`;
      await this.#streams.publish(this.#names.again, subject, encodeEvent(event), patience, { msgID });
      if (event.key !== undefined) await this.#mark(this.#names.keySubject(group, token), patience);
      await this.#streams.remove(this.#names.dead, stored.seq, patience);
      count += 1;
    }
    return count;
  }

  /** Takes out those that are older than `age` ms; gives how many. */
  async expire(group: ConsumerGroup, age: number, patience: Patience): Promise<number> {
    let count = 0;
    let end: number | undefined;
    for await (const { stored } of this.#all(group, patience)) {
      end ??= (await this.#streams.now(patience)) - age;
      if (stored.storedAt > end) break;
      if (await this.#streams.remove(this.#names.dead, stored.seq, patience)) count += 1;
    }
    return count;
  }

  async #mark(subject: string, patience: Patience): Promise<void> {
    for (;;) {
      const kept = await this.#states.read(subject, patience);
      if (kept.state.hasAgain || (await this.#states.write(subject, { ...kept.state, hasAgain: true }, kept, patience)))
        return;
    }
  }

  /** Those that are there now, oldest first: what fails again meanwhile is there anew, and comes last. */
  async *#all(
    group: ConsumerGroup,
    patience: Patience,
  ): AsyncGenerator<{ readonly record: DeadRecord; readonly stored: Stored }, void> {
    const subject = this.#names.deadSubject(group);
    const last = (await this.#streams.last(this.#names.dead, subject, patience))?.seq ?? 0;
    for (let from = 1; from <= last;) {
      const stored = await this.#streams.first(this.#names.dead, subject, from, patience);
      if (!stored || stored.seq > last) return;
      const record = decodeDead(stored.text);
      if (record) yield { record, stored };
      from = stored.seq + 1;
    }
  }
}
