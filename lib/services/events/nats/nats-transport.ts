import type { ConsumerConfig } from '@nats-io/jetstream';
import { invalidEvent, isInvalidEvent } from '../events-errors.js';
import type {
  ConsumerGroup,
  Consumption,
  DeadRecord,
  Deliver,
  EventRecord,
  EventTransport,
  Publication,
  TransportSurroundings,
} from '../event-transport.js';
import { loadNats } from './load-nats.js';
import { NatsBus, type Patience } from './nats-bus.js';
import { codeOf, consumerNotFound } from './nats-codes.js';
import { NatsDeadLetters } from './nats-dead-letters.js';
import { KeyStates } from './nats-key-states.js';
import type { NatsGround } from './nats-lane.js';
import { NatsMember } from './nats-member.js';
import { NatsNames, tokenOf } from './nats-names.js';
import { encodeEvent } from './nats-record.js';
import type { NatsSettings } from './nats-settings.js';
import { NatsStreams } from './nats-streams.js';

/** How long the server may take before a caller is told, in ms; a plugin that starts has less time. */
const usualPatience: Patience = { ms: 10_000 };
const patienceAtStart: Patience = { ms: 3_000 };

const nanoseconds = 1_000_000;

/** Rejects with `MISSING_EVENTS_PACKAGE`; a server that is away keeps nobody from going on. */
export async function openNatsTransport(
  settings: NatsSettings,
  surroundings: TransportSurroundings,
): Promise<EventTransport> {
  await loadNats();
  return new NatsTransport(settings, surroundings);
}

/**
 * Carries events by NATS JetStream: a stream for each topic, with a subject for each key, and a durable consumer for each
 * group. How far a group is with a key is kept besides, since consumers know nothing of keys.
 */
class NatsTransport implements EventTransport {
  readonly #settings: NatsSettings;
  readonly #surroundings: TransportSurroundings;
  readonly #names: NatsNames;
  readonly #bus: NatsBus;
  readonly #streams: NatsStreams;
  readonly #states: KeyStates;
  readonly #dead: NatsDeadLetters;
  /** By topic and key, the last event that is being published: the next one waits for it. */
  readonly #publishing = new Map<string, Promise<boolean>>();
  /** Groups, by stream and consumer, that were to be declared while plugins started. */
  readonly #early = new Set<string>();
  /** By stream and consumer, up to where losses were told. */
  readonly #told = new Map<string, number>();

  constructor(settings: NatsSettings, surroundings: TransportSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#names = new NatsNames(settings.prefix);
    this.#bus = new NatsBus(settings, surroundings, this.#names.prefix);
    this.#streams = new NatsStreams(this.#bus, this.#names, surroundings.logger);
    this.#states = new KeyStates(this.#streams, this.#names.keys, surroundings.logger);
    this.#dead = new NatsDeadLetters(this.#streams, this.#names, this.#states);
  }

  async publish(events: readonly EventRecord[]): Promise<readonly Publication[]> {
    const end = performance.now() + this.#settings.publishTimeout;
    const failures = new Map<string, unknown>();
    return await Promise.allSettled(events.map(event => this.#inOrder(event, end, failures)));
  }

  refusalOf(event: EventRecord): Error | undefined {
    return this.#refusalOf(event.topic, encodeEvent(event));
  }

  async declare(group: ConsumerGroup): Promise<void> {
    await this.#declare(group, patienceAtStart);
  }

  consume(group: ConsumerGroup, deliver: Deliver): Consumption {
    const around = {
      bus: this.#bus,
      streams: this.#streams,
      names: this.#names,
      states: this.#states,
      dead: this.#dead,
      logger: this.#surroundings.logger,
      declare: (one: ConsumerGroup, signal: AbortSignal) => this.#declare(one, { ...usualPatience, signal }),
      inspect: async (one: ConsumerGroup) => {
        this.#expireDead(one).catch(() => {});
        await this.#countLost(one);
      },
    };
    return this.#surroundings.background(() => new NatsMember(group, deliver, around));
  }

  async deadLetters(group: ConsumerGroup, limit: number): Promise<readonly DeadRecord[]> {
    await this.#streams.ensureCommon(usualPatience);
    return await this.#dead.list(group, limit, usualPatience);
  }

  async redeliver(group: ConsumerGroup, eventIds: readonly string[] | undefined): Promise<number> {
    await this.#streams.ensureCommon(usualPatience);
    return await this.#dead.redeliver(group, eventIds && new Set(eventIds), usualPatience);
  }

  async check(): Promise<void> {
    await this.#bus.patiently(({ manager }) => manager.getAccountInfo(), { ms: 2_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus[Symbol.asyncDispose]();
  }

  /** `failures` has by topic and key what has kept an earlier one of the same call: it is to be published again before. */
  #inOrder(event: EventRecord, end: number, failures: Map<string, unknown>): Promise<void> {
    if (event.key === undefined) return this.#publish(event, end);
    const lane = `${event.topic} ${event.key}`;
    // Whose turn comes late since there are many has as much time as others; where the server is away, nobody has more.
    const published = (this.#publishing.get(lane) ?? Promise.resolve(false)).then(async isServed => {
      if (failures.has(lane)) throw failures.get(lane);
      await this.#publish(event, isServed ? performance.now() + this.#settings.publishTimeout : end);
    });
    const settled: Promise<boolean> = published.then(
      () => true,
      (error: unknown) => {
        if (!isInvalidEvent(error)) failures.set(lane, error);
        return false;
      },
    );
    this.#publishing.set(lane, settled);
    void settled.then(() => {
      if (this.#publishing.get(lane) === settled) this.#publishing.delete(lane);
    });
    return published;
  }

  async #publish(event: EventRecord, end: number): Promise<void> {
    const { topic, id } = event;
    const text = encodeEvent(event);
    const subject = this.#names.eventSubject(topic, tokenOf(event.key));
    const left = (): Patience => ({ ms: Math.max(1, end - performance.now()) });
    await this.#streams.ensureTopic(topic, left());
    await this.#bus.patiently(({ connection }) => Promise.resolve(connection), left());
    const refusal = this.#refusalOf(topic, text);
    if (refusal) throw refusal;
    // By the same id it is stored once, however often it has to be sent.
    await this.#streams.publish(this.#names.streamOf(topic), subject, text, left(), { msgID: id });
  }

  #refusalOf(topic: string, text: string): Error | undefined {
    const size = Buffer.byteLength(text);
    // Subject and headers count as well.
    if (size <= (this.#bus.maxPayload ?? Infinity) - 1_024) return undefined;
    const fix = `publish where to get it instead, or raise max_payload of NATS above ${size + 1_024}.`;
    return invalidEvent(topic, `has ${size} bytes, which is more than NATS takes`, fix);
  }

  /** Makes streams and consumers where there are none. */
  async #declare(group: ConsumerGroup, patience: Patience): Promise<NatsGround> {
    const stream = this.#names.streamOf(group.topic);
    const name = this.#names.consumerOf(group);
    if (this.#surroundings.isStarting()) this.#early.add(`${stream} ${name}`);
    const isEarly = this.#early.has(`${stream} ${name}`);
    await this.#streams.ensureCommon(patience);
    return await this.#streams.in(this.#names.again, patience, async () => {
      await this.#consumer(this.#names.again, this.#names.againConsumerOf(group), {
        filter_subject: this.#names.againSubject(group),
      });
      return await this.#streams.in(stream, patience, async ({ manager }) => {
        const seen = await this.#streams.ensureTopic(group.topic, patience);
        const [{ state, created }, { created: againCreated }] = await Promise.all([
          manager.streams.info(stream),
          manager.streams.info(this.#names.again),
        ]);
        // Nobody is late who is not there yet because plugins still start, or who was there before the stream.
        const start = (isEarly ? Math.min(seen, state.last_seq) : state.last_seq) + 1;
        const from = { deliver_policy: 'by_start_sequence', opt_start_seq: start };
        const found = await this.#consumer(stream, name, from);
        this.#early.add(`${stream} ${name}`);
        return { start: found, epoch: `${created} ${againCreated}` };
      });
    });
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
      ack_wait: this.#settings.lease * nanoseconds,
      max_deliver: -1,
      // What waits for its next attempt counts as well.
      max_ack_pending: 1_000_000,
      max_waiting: 8_192,
      ...config,
    } as Partial<ConsumerConfig>;
    return (await manager.consumers.add(stream, wanted)).config.opt_start_seq ?? 1;
  }

  async #expireDead(group: ConsumerGroup): Promise<void> {
    const expired = await this.#dead.expire(group, this.#settings.retention, usualPatience);
    if (expired > 0) group.lost(expired, 'dead-too-old');
  }

  async #countLost(group: ConsumerGroup): Promise<void> {
    const manager = await this.#bus.manager();
    const stream = this.#names.streamOf(group.topic);
    const name = this.#names.consumerOf(group);
    const [{ state }, { delivered, config }] = await Promise.all([
      manager.streams.info(stream),
      manager.consumers.info(stream, name),
    ]);
    const id = `${stream} ${name}`;
    const seen = Math.max(delivered.stream_seq, (config.opt_start_seq ?? 1) - 1, this.#told.get(id) ?? 0);
    const lost = state.first_seq - 1 - seen;
    if (lost <= 0) return;
    this.#told.set(id, state.first_seq - 1);
    group.lost(lost, 'too-old');
  }
}
