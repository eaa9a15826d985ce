import type { ConsumerConfig } from '@nats-io/jetstream';
import { invalidEvent, unreachable } from '../events-errors.js';
import type {
  ConsumerGroup,
  Consumption,
  DeadRecord,
  Deliver,
  EventRecord,
  EventTransport,
  TransportSurroundings,
} from '../event-transport.js';
import { codeOf, NatsBus } from './nats-bus.js';
import { NatsDeadLetters } from './nats-dead-letters.js';
import { KeyStates } from './nats-key-states.js';
import { NatsMember } from './nats-member.js';
import { NatsNames, tokenOf } from './nats-names.js';
import { encodeEvent } from './nats-record.js';
import type { NatsSettings } from './nats-settings.js';

/** How long the server may take before a caller is told, in ms. */
const patience = 10_000;

const consumerNotFound = 10_014;
const streamNotFound = 10_059;

const nanoseconds = 1_000_000;

/**
 * Carries events by NATS JetStream: a stream for each topic, with a subject for each key, and a durable consumer for each
 * group. How far a group is with a key is kept besides, since consumers know nothing of keys.
 */
export class NatsTransport implements EventTransport {
  readonly #settings: NatsSettings;
  readonly #surroundings: TransportSurroundings;
  readonly #names: NatsNames;
  readonly #bus: NatsBus;
  readonly #states: KeyStates;
  readonly #dead: NatsDeadLetters;
  /** By topic and key, the last event that is being published: the next one waits for it. */
  readonly #publishing = new Map<string, Promise<unknown>>();
  /** By stream and consumer, up to where losses were told. */
  readonly #told = new Map<string, number>();

  constructor(settings: NatsSettings, surroundings: TransportSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#names = new NatsNames(settings.prefix);
    this.#bus = new NatsBus(settings, surroundings, this.#names.prefix);
    this.#states = new KeyStates(this.#bus, this.#names.keys);
    this.#dead = new NatsDeadLetters(this.#bus, this.#names, this.#states);
  }

  async publish(events: readonly EventRecord[]): Promise<void> {
    const end = performance.now() + patience;
    const published = await Promise.allSettled(events.map(event => this.#inOrder(event, end)));
    const failed = published.find(one => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async declare(group: ConsumerGroup): Promise<void> {
    await this.#declare(group, patience);
  }

  consume(group: ConsumerGroup, deliver: Deliver): Consumption {
    const around = {
      bus: this.#bus,
      names: this.#names,
      states: this.#states,
      dead: this.#dead,
      logger: this.#surroundings.logger,
      declare: (one: ConsumerGroup) => this.#declare(one, patience),
      countLost: (one: ConsumerGroup) => this.#countLost(one),
    };
    return this.#surroundings.background(() => new NatsMember(group, deliver, around));
  }

  async deadLetters(group: ConsumerGroup, limit: number): Promise<readonly DeadRecord[]> {
    await this.#ensureCommon(patience);
    return await this.#dead.list(group, limit, patience);
  }

  async redeliver(group: ConsumerGroup, eventIds: readonly string[] | undefined): Promise<number> {
    await this.#ensureCommon(patience);
    return await this.#dead.redeliver(group, eventIds && new Set(eventIds), patience);
  }

  async check(): Promise<void> {
    await this.#bus.patiently(({ manager }) => manager.getAccountInfo(), 2_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus[Symbol.asyncDispose]();
  }

  #inOrder(event: EventRecord, end: number): Promise<void> {
    if (event.key === undefined) return this.#publish(event, end);
    const lane = `${event.topic} ${event.key}`;
    const before = this.#publishing.get(lane);
    const published = before ? before.then(() => this.#publish(event, end)) : this.#publish(event, end);
    const settled = published
      .catch(() => {})
      .then(() => {
        if (this.#publishing.get(lane) === settled) this.#publishing.delete(lane);
      });
    this.#publishing.set(lane, settled);
    return published;
  }

  async #publish(event: EventRecord, end: number): Promise<void> {
    const { topic, id } = event;
    const text = encodeEvent(event);
    const subject = this.#names.eventSubject(topic, tokenOf(event.key));
    const left = (): number => Math.max(1, end - performance.now());
    await this.#ensureTopic(topic, left());
    const { info } = await this.#bus.patiently(({ connection }) => Promise.resolve(connection), left());
    const size = Buffer.byteLength(text);
    if (info && size > info.max_payload - 1_024) {
      const fix = `publish where to get it instead, or raise max_payload of NATS above ${size + 1_024}.`;
      throw invalidEvent(topic, `has ${size} bytes, which is more than NATS takes`, fix);
    }
    // By the same id it is stored once, however often it has to be sent.
    await this.#bus.patiently(async ({ client }) => {
      try {
        await client.publish(subject, text, { msgID: id });
      } catch (error) {
        // Nobody takes it: the stream was deleted, and is made anew.
        this.#bus.forget(this.#names.streamOf(topic));
        await this.#ensureTopic(topic, left());
        throw error;
      }
    }, left());
  }

  #ensureTopic(topic: string, time: number): Promise<number> {
    const { maxAge, maxBytes } = this.#settings;
    const config = { subjects: [this.#names.eventSubject(topic)], max_age: maxAge * nanoseconds };
    return this.#bus.ensure(
      this.#names.streamOf(topic),
      { ...config, ...(maxBytes !== undefined && { max_bytes: maxBytes }) },
      time,
    );
  }

  async #ensureCommon(time: number): Promise<void> {
    const { maxAge, deadLetterMaxAge } = this.#settings;
    const { prefix, keys, dead, again } = this.#names;
    const last = { max_msgs_per_subject: 1 };
    await Promise.all([
      this.#bus.ensure(keys, { ...last, subjects: [`${prefix}.key.>`], max_age: maxAge * nanoseconds }, time),
      this.#bus.ensure(
        dead,
        { ...last, subjects: [`${prefix}.dead.>`], max_age: deadLetterMaxAge * nanoseconds },
        time,
      ),
      this.#bus.ensure(
        again,
        { subjects: [`${prefix}.again.>`], retention: 'workqueue', max_age: maxAge * nanoseconds },
        time,
      ),
    ]);
  }

  /** Gives the sequence of the first event that is the group's. */
  async #declare(group: ConsumerGroup, time: number): Promise<number> {
    const stream = this.#names.streamOf(group.topic);
    const isStarting = this.#surroundings.isStarting();
    const [seen] = await Promise.all([this.#ensureTopic(group.topic, time), this.#ensureCommon(time)]);
    try {
      return await this.#bus.patiently(
        async ({ manager }) => {
          await this.#consumer(this.#names.again, this.#names.againConsumerOf(group), {
            filter_subject: this.#names.againSubject(group),
          });
          const name = this.#names.consumerOf(group);
          const { state } = await manager.streams.info(stream);
          // Nobody is late who is not there yet because plugins still start.
          const start = (isStarting ? Math.min(seen, state.last_seq) : state.last_seq) + 1;
          return await this.#consumer(stream, name, { deliver_policy: 'by_start_sequence', opt_start_seq: start });
        },
        time,
        error => codeOf(error) === streamNotFound,
      );
    } catch (error) {
      for (const name of [stream, this.#names.again, this.#names.keys, this.#names.dead]) this.#bus.forget(name);
      throw codeOf(error) === streamNotFound ? unreachable(this.#settings.servers.join(', '), error) : error;
    }
  }

  /** Makes the consumer where there is none; gives from where it delivers. */
  async #consumer(stream: string, name: string, config: object): Promise<number> {
    const manager = await this.#bus.manager();
    try {
      return (await manager.consumers.info(stream, name)).config.opt_start_seq ?? 1;
    } catch (error) {
      if (codeOf(error) !== consumerNotFound) throw error;
    }
    const wanted = {
      durable_name: name,
      ack_policy: 'explicit',
      ack_wait: this.#settings.ackWait * nanoseconds,
      max_deliver: -1,
      // What waits for its next attempt counts as well.
      max_ack_pending: 1_000_000,
      max_waiting: 8_192,
      ...config,
    } as Partial<ConsumerConfig>;
    return (await manager.consumers.add(stream, wanted)).config.opt_start_seq ?? 1;
  }

  async #countLost(group: ConsumerGroup): Promise<void> {
    const manager = await this.#bus.manager();
    const stream = this.#names.streamOf(group.topic);
    const name = this.#names.consumerOf(group);
    const [{ state }, { delivered, config }] = await Promise.all([
      manager.streams.info(stream),
      manager.consumers.info(stream, name),
    ]);
    const seen = Math.max(
      delivered.stream_seq,
      (config.opt_start_seq ?? 1) - 1,
      this.#told.get(`${stream} ${name}`) ?? 0,
    );
    const lost = state.first_seq - 1 - seen;
    if (lost <= 0) return;
    this.#told.set(`${stream} ${name}`, state.first_seq - 1);
    group.lost(lost, 'too-old');
  }
}
