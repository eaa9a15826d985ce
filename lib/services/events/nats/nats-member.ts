import type { NatsConnection } from '@nats-io/transport-node';
import { setMaxListeners } from 'node:events';
import { atMost, pause } from '../../../util/pause.js';
import type { ConsumerGroup, Consumption, Deliver, Outcome, TransportSurroundings } from '../event-transport.js';
import type { NatsBus } from './nats-bus.js';
import { NatsLane, type LaneSurroundings, type NatsGround } from './nats-lane.js';
import { keyTokenOf } from './nats-names.js';
import { NatsPull, type Pulled } from './nats-pull.js';
import { decodeEvent } from './nats-record.js';
import { NatsWake, type WakeKind } from './nats-wake.js';
import { settling } from './nats-streams.js';
import { Slots } from './slots.js';

/** What a member needs of the transport. */
export interface MemberSurroundings extends Omit<
  LaneSurroundings,
  'deliver' | 'ground' | 'isClosing' | 'patience' | 'group'
> {
  readonly bus: NatsBus;
  readonly logger: TransportSurroundings['logger'];
  /** Makes the consumers of the group where they are not there any more; gives what it stands on. */
  readonly declare: (group: ConsumerGroup, signal: AbortSignal) => Promise<NatsGround>;
  /** Tells the group of events that were too old before it could get them, and, later, of dead letters that are. */
  readonly inspect: (group: ConsumerGroup) => Promise<void>;
}

/** As many as are asked for at the same time; what is asked for costs the server a little even where nothing comes. */
const mostSlots = 256;

/** How long the server may be away before the outcome of a delivery is given up, in ms: while open, and while closing. */
const usualPatience = 60_000;
const lastPatience = 2_000;

/** How often is looked whether something was lost, in ms. */
const inspection = 15_000;

/** One member of a group: has as many messages given to it as it may handle, and handles each. */
export class NatsMember implements Consumption {
  readonly #group: ConsumerGroup;
  readonly #deliver: Deliver;
  readonly #around: MemberSurroundings;
  readonly #slots: Slots;
  readonly #pulls: NatsPull[] = [];
  readonly #running: Promise<void>;
  readonly #closing = new AbortController();
  /** Aborted when the server was away for too long after that. */
  readonly #givingUp = new AbortController();
  readonly #patience = { ms: usualPatience, signal: this.#givingUp.signal };
  /** The last delivery of each consumer. */
  readonly #last: Record<WakeKind, number> = { event: 0, again: 0 };
  /** What the group stands on; `undefined` where the member was closed before that was known. */
  #ground: Promise<NatsGround | undefined>;

  constructor(group: ConsumerGroup, deliver: Deliver, around: MemberSurroundings) {
    this.#group = group;
    this.#deliver = deliver;
    this.#around = around;
    this.#slots = new Slots(group.concurrency);
    // Everything that is under way listens to these.
    setMaxListeners(0, this.#closing.signal, this.#givingUp.signal);
    this.#ground = this.#declare();
    this.#running = this.#run().catch((error: unknown) => {
      around.logger.warn('A subscription takes nothing any more', { group: group.name, error });
    });
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      setTimeout(() => this.#givingUp.abort(), lastPatience).unref();
      const closed = Promise.all(this.#pulls.map(pull => pull.close()));
      await atMost(lastPatience, closed);
      for (const pull of this.#pulls) pull.renew();
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    if (!(await this.#ground)) return;
    const { bus, names } = this.#around;
    const [connection, inbox] = await Promise.all([bus.connection(), bus.inbox()]);
    // It was closed while that was waited for.
    if (signal.aborted) return;
    const pullOf = (stream: string, consumer: string): NatsPull => {
      const pull = new NatsPull(connection, `${inbox}.${this.#pulls.length}`, stream, consumer);
      this.#pulls.push(pull);
      return pull;
    };
    const events = pullOf(names.streamOf(this.#group.topic), names.consumerOf(this.#group));
    const again = pullOf(names.again, names.againConsumerOf(this.#group));
    const forget = bus.onReconnect(() => {
      // A server that keeps nothing has made everything anew.
      this.#ground = this.#declare();
      for (const pull of this.#pulls) pull.renew();
    });
    const count = Math.min(this.#group.concurrency, mostSlots);
    const inspect = (): Promise<void> => this.#around.inspect(this.#group).catch(() => {});
    // The server skips them as soon as somebody asks for the next one.
    await inspect();
    const timer = setInterval(() => void inspect(), inspection).unref();
    try {
      const loops = Array.from({ length: count }, () => this.#take('event', events, connection));
      await Promise.all([...loops, this.#take('again', again, connection)]);
      // Outcomes are on their way.
      await atMost(
        lastPatience,
        connection.flush().catch(() => {}),
      );
    } finally {
      clearInterval(timer);
      forget();
    }
  }

  async #take(kind: WakeKind, pull: NatsPull, connection: NatsConnection): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const begin = performance.now();
      const pulled: Pulled = await pull.next().catch(() => 'nothing');
      if (typeof pulled === 'object') {
        const wake = new NatsWake(kind, pulled, connection, this.#around.bus.settings.lease);
        if (wake.order <= this.#last[kind]) this.#ground = this.#declare();
        this.#last[kind] = wake.order;
        await this.#slots.use(() => this.#handle(wake));
      } else if (pulled === 'gone') {
        await pause(settling, this.#closing.signal);
        this.#ground = this.#declare();
        await this.#ground;
      } else if (performance.now() - begin < 100) await pause(100, this.#closing.signal);
    }
  }

  async #handle(wake: NatsWake): Promise<void> {
    const ground = await this.#ground;
    if (this.#closing.signal.aborted || !ground) return wake.nak(0);
    const token = keyTokenOf(wake.subject);
    try {
      if (token === undefined) await this.#handleSingle(wake);
      else await new NatsLane(this.#laneOn(ground), wake, token).run();
    } catch (error) {
      wake.abandon();
      const { name: group, topic } = this.#group;
      this.#around.logger.warn('What became of an event could not be kept; it comes again', { group, topic, error });
    }
  }

  #laneOn(ground: NatsGround): LaneSurroundings {
    const isClosing = (): boolean => this.#closing.signal.aborted;
    const { streams, names, states, dead } = this.#around;
    const [group, deliver, patience] = [this.#group, this.#deliver, this.#patience];
    return { streams, names, states, dead, group, deliver, ground, isClosing, patience };
  }

  #declare(): Promise<NatsGround | undefined> {
    return this.#insist(() => this.#around.declare(this.#group, this.#closing.signal));
  }

  /** An event without a key is of no concern to others, and the server counts its deliveries. */
  async #handleSingle(wake: NatsWake): Promise<void> {
    const event = decodeEvent(wake.text);
    if (!event) {
      this.#group.lost(1, 'no-event');
      return wake.ack();
    }
    const patience = this.#patience;
    const subject = this.#around.names.keySubject(this.#group, `${wake.kind}-${wake.seq}`);
    const returned = wake.delivery > 1 ? await this.#around.states.read(subject, patience) : undefined;
    const given = returned?.state.returned ?? 0;
    const attempt = wake.delivery - given;
    const outcome: Outcome = await this.#deliver({ event, attempt, lost: wake.lost });
    if (outcome.type === 'handled') return wake.ack();
    if (wake.lost.aborted) return wake.abandon();
    if (outcome.type === 'retry') return wake.nak(outcome.after);
    if (outcome.type === 'dead') {
      const record = { event, attempts: attempt, error: outcome.error, diedAt: Date.now() };
      await this.#around.dead.add(this.#group, record, patience);
      return wake.ack();
    }
    const kept = returned ?? (await this.#around.states.read(subject, patience));
    await this.#around.states.write(subject, { ...kept.state, returned: given + 1 }, kept, patience);
    wake.nak(0);
  }

  /** Tries until it succeeds; `undefined` where the member is closed first. */
  async #insist<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        return await work();
      } catch (error) {
        this.#around.logger.warn('A subscription waits for NATS', { group: this.#group.name, error });
        await pause(2_000, signal);
      }
    }
    return undefined;
  }
}
