import type { JetStreamManager, JetStreamPublishOptions, StreamConfig } from '@nats-io/jetstream';
import { pause } from '../../../util/pause.js';
import type { TransportSurroundings } from '../event-transport.js';
import type { NatsBus, Patience } from './nats-bus.js';
import { codeOf, isMissing, nameInUse, noMessage, sequenceNotFound, wrongLastSequence } from './nats-codes.js';
import type { NatsNames } from './nats-names.js';
import { type OpenNats, requestTimeout } from './open-nats.js';

export interface Stored {
  readonly seq: number;
  readonly subject: string;
  readonly text: string;
  /** In ms since 1970, by the server's clock. */
  readonly storedAt: number;
}

/**
 * How long a stream that is gone is left alone, in ms: NATS 2.9 may serve nobody from one that is made anew while it is
 * still being deleted.
 */
export const settling = 1_000;

/** For how long an event is known when it is published again, in ms: a process that hands over may have to start first. */
const remembered = 600_000;

const nanoseconds = 1_000_000;

/** The streams of one deployment, and what is written to and read from them. One that was deleted is made anew. */
export class NatsStreams {
  readonly #bus: NatsBus;
  readonly #names: NatsNames;
  readonly #logger: TransportSurroundings['logger'];
  readonly #configs = new Map<string, Partial<StreamConfig>>();
  /** Streams that are there; of each the sequence of its last event when this backend first asked. */
  readonly #known = new Map<string, Promise<number>>();

  constructor(bus: NatsBus, names: NatsNames, logger: TransportSurroundings['logger']) {
    this.#bus = bus;
    this.#names = names;
    this.#logger = logger;
    const { prefix, keys, dead, again } = names;
    const kept = { max_age: bus.settings.retention * nanoseconds };
    const last = { ...kept, max_msgs_per_subject: 1 };
    this.#configs.set(keys, { ...last, subjects: [`${prefix}.key.>`] });
    // Members of the group take out those that are too old, and tell of them; this is for groups that have none.
    this.#configs.set(dead, { ...last, max_age: 2 * kept.max_age, subjects: [`${prefix}.dead.>`] });
    this.#configs.set(again, { ...kept, subjects: [`${prefix}.again.>`], retention: 'workqueue' });
  }

  /** Gives the sequence of its last event when this backend first asked. */
  ensureTopic(topic: string, patience: Patience): Promise<number> {
    const name = this.#names.streamOf(topic);
    if (!this.#configs.has(name)) {
      const { retention, maxBytes } = this.#bus.settings;
      const config = {
        subjects: [this.#names.eventSubject(topic)],
        max_age: retention * nanoseconds,
        duplicate_window: Math.min(retention, remembered) * nanoseconds,
      };
      this.#configs.set(name, { ...config, ...(maxBytes !== undefined && { max_bytes: maxBytes }) });
    }
    return this.#ensure(name, patience);
  }

  /** What all topics share. */
  async ensureCommon(patience: Patience): Promise<void> {
    const { keys, dead, again } = this.#names;
    await Promise.all([keys, dead, again].map(name => this.#ensure(name, patience)));
  }

  async publish(
    stream: string,
    subject: string,
    data: string,
    patience: Patience,
    options: Partial<JetStreamPublishOptions> = {},
  ): Promise<number> {
    return await this.in(stream, patience, async ({ client }) => {
      const { seq } = await client.publish(subject, data, { timeout: requestTimeout, ...options });
      return seq;
    });
  }

  /** The sequence; `undefined` where the last one of the subject is not `expected` any more. */
  async put(
    stream: string,
    subject: string,
    data: string,
    expected: number,
    patience: Patience,
  ): Promise<number | undefined> {
    const expect = { lastSubjectSequence: expected };
    return await unless([wrongLastSequence], this.publish(stream, subject, data, patience, { expect }));
  }

  /** The first message of the subject, which may have wildcards, at or after `seq`. */
  first(stream: string, subject: string, seq: number, patience: Patience): Promise<Stored | undefined> {
    return this.#get(stream, { next_by_subj: subject, seq: Math.max(1, seq) }, patience);
  }

  last(stream: string, subject: string, patience: Patience): Promise<Stored | undefined> {
    return this.#get(stream, { last_by_subj: subject }, patience);
  }

  at(stream: string, seq: number, patience: Patience): Promise<Stored | undefined> {
    return this.#get(stream, { seq }, patience);
  }

  /** Whether it was there: of several who remove it one is told so. */
  async remove(stream: string, seq: number, patience: Patience): Promise<boolean> {
    const removed = this.in(stream, patience, ({ manager }) => manager.streams.deleteMessage(stream, seq));
    return (await unless([noMessage, sequenceNotFound], removed)) ?? false;
  }

  /** In ms since 1970, by the server's clock, which it tells of what it stores. */
  async now(patience: Patience): Promise<number> {
    const { keys } = this.#names;
    const subject = this.#names.clockSubject;
    await this.publish(keys, subject, '', patience);
    return (await this.last(keys, subject, patience))?.storedAt ?? 0;
  }

  async #get(stream: string, query: object, patience: Patience): Promise<Stored | undefined> {
    const found = this.in(stream, patience, ({ manager }) =>
      manager.streams.getMessage(stream, query as { seq: number }),
    );
    const message = await unless([noMessage], found);
    return message
      ? { seq: message.seq, subject: message.subject, text: message.string(), storedAt: message.time.getTime() }
      : undefined;
  }

  /** Does what needs the stream, which is made anew where somebody has deleted it. */
  in<T>(stream: string, patience: Patience, work: (open: OpenNats) => Promise<T>): Promise<T> {
    return this.#bus.patiently(async open => {
      try {
        return await work(open);
      } catch (error) {
        if (isMissing(error)) {
          this.#known.delete(stream);
          await pause(settling, patience.signal);
          await this.#ensure(stream, patience);
        }
        throw error;
      }
    }, patience);
  }

  #ensure(name: string, patience: Patience): Promise<number> {
    const known = this.#known.get(name);
    if (known) return known;
    const made = this.#bus.patiently(({ manager }) => this.#make(manager, name), patience);
    this.#known.set(name, made);
    made.catch(() => this.#known.delete(name));
    return made;
  }

  async #make(manager: JetStreamManager, name: string): Promise<number> {
    const { replicas: num_replicas, storage } = this.#bus.settings;
    const config = this.#configs.get(name)!;
    try {
      return (await manager.streams.add({ ...config, name, num_replicas, storage })).state.last_seq;
    } catch (error) {
      if (codeOf(error) !== nameInUse) throw error;
    }
    // Where it is stored cannot be changed; how much of it can.
    const { max_age, max_bytes, duplicate_window } = config;
    const found = await manager.streams.info(name);
    try {
      await manager.streams.update(name, {
        num_replicas,
        ...(max_age && { max_age }),
        ...(max_bytes && { max_bytes }),
        ...(duplicate_window && { duplicate_window }),
      });
    } catch (error) {
      this.#logger.warn('A stream of events stays as it is', { stream: name, error });
    }
    return found.state.last_seq;
  }
}

/** What `work` gives; `undefined` where it fails with one of these codes. */
async function unless<T>(codes: readonly number[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(codeOf(error) as number)) return undefined;
    throw error;
  }
}
