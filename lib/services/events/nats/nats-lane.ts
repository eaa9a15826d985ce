import type { ConsumerGroup, Deliver, Outcome } from '../event-transport.js';
import type { Patience } from './nats-bus.js';
import type { NatsDeadLetters } from './nats-dead-letters.js';
import { isHeldBy, type KeptState, type KeyState, type KeyStates } from './nats-key-states.js';
import type { NatsNames } from './nats-names.js';
import { decodeEvent } from './nats-record.js';
import type { NatsStreams, Stored } from './nats-streams.js';
import type { NatsWake, WakeKind } from './nats-wake.js';

/** What a group stands on. */
export interface NatsGround {
  /** Events of the topic before this one are none of the group. */
  readonly start: number;
  /** Tells the streams from others of the same names, which somebody had deleted. */
  readonly epoch: string;
}

/** What the lanes of one member share. */
export interface LaneSurroundings {
  readonly streams: NatsStreams;
  readonly names: NatsNames;
  readonly states: KeyStates;
  readonly dead: NatsDeadLetters;
  readonly group: ConsumerGroup;
  readonly deliver: Deliver;
  readonly ground: NatsGround;
  /** Nothing new is begun any more. */
  readonly isClosing: () => boolean;
  /** How long the server may be away before what was done is given up, and comes again. */
  readonly patience: Patience;
}

type Found = Stored & { readonly kind: WakeKind };

/** How many events of one key are handled before others have their turn. */
const turn = 32;

/** After so many deliveries somebody looks whether the holder of a key is still there at all. */
const suspicious = 4;

/** Another delivery has the key now: what was done here is done again there. */
class KeyLost extends Error {}

/** Handles the events of one key, one after the other, on behalf of one delivery. */
export class NatsLane {
  readonly #around: LaneSurroundings;
  readonly #wake: NatsWake;
  readonly #token: string;
  readonly #subject: string;
  #kept!: KeptState;
  /** What is known here, and not yet written. */
  #state!: KeyState;

  constructor(around: LaneSurroundings, wake: NatsWake, token: string) {
    this.#around = around;
    this.#wake = wake;
    this.#token = token;
    this.#subject = around.names.keySubject(around.group, token);
  }

  /** Ends the delivery, one way or another. */
  async run(): Promise<void> {
    try {
      const next = await this.#acquire();
      if (next) await this.#handleAll(next);
    } catch (error) {
      // It comes again where its member seems to be gone, which it does then.
      this.#wake.abandon();
      if (!(error instanceof KeyLost)) throw error;
    }
  }

  /** Gives the first event once the key is held, and its attempt written; ends the delivery where it cannot be. */
  async #acquire(): Promise<Found | void> {
    const { states, patience } = this.#around;
    const wake = this.#wake;
    for (let isFresh = false; ; isFresh = true) {
      const recent = isFresh ? undefined : states.recent(this.#subject);
      this.#see(recent ?? (await states.read(this.#subject, patience)));
      const { holder, settled } = this.#state;
      const isOwn = isHeldBy(this.#state, wake);
      // The server has given it to somebody else since.
      if (isOwn && holder!.delivery > wake.delivery) throw new KeyLost();
      if (!isOwn && wake.seq <= settled[wake.kind]) return wake.ack();
      if (!isOwn && holder && !(await this.#isOrphan())) {
        if (recent || !(await this.#askForMore())) continue;
        return wake.nak(Math.min(30_000, 250 * 2 ** Math.min(wake.delivery, 10)));
      }
      const next = await this.#next();
      if (next ? await this.#begin(next) : await this.#tryWrite(without(this.#state, 'holder'))) {
        if (!next) wake.ack();
        return next;
      }
    }
  }

  async #handleAll(first: Found): Promise<void> {
    let next: Found | undefined = first;
    for (let count = 1; ; count++) {
      const outcome: Outcome | undefined = next && (await this.#deliver(next));
      if (outcome?.type === 'retry') return this.#wake.nak(outcome.after);
      if (outcome?.type === 'released') {
        const { kind, seq, attempts } = this.#state.tried!;
        await this.#write({ ...this.#state, tried: { kind, seq, attempts: attempts - 1 } });
        return this.#wake.nak(0);
      }
      if (next) this.#settle(next);
      const { settled, hasMore, hasAgain } = this.#state;
      const isDone = this.#wake.seq <= settled[this.#wake.kind] && !hasMore && !hasAgain;
      if ((isDone || !next) && (await this.#end())) return;
      if (this.#around.isClosing() || this.#wake.lost.aborted || count >= turn) {
        await this.#write(this.#state);
        return this.#wake.nak(0);
      }
      next = await this.#next();
      if (next && !(await this.#begin(next))) throw new KeyLost();
    }
  }

  #settle({ kind, seq }: Found): void {
    const { settled } = this.#state;
    this.#state = { ...without(this.#state, 'tried'), settled: { ...settled, [kind]: seq } };
  }

  async #deliver({ text }: Found): Promise<Outcome> {
    const { group, deliver, dead, patience } = this.#around;
    const event = decodeEvent(text);
    if (!event) {
      // Not from here, so nobody can wait for it.
      group.lost(1, 'no-event');
      return { type: 'handled' };
    }
    const attempt = this.#state.tried?.attempts ?? 1;
    const { lost } = this.#wake;
    const outcome = await deliver({ event, attempt, lost });
    // What becomes of it is for whoever has it now; that it is handled can be kept where nobody has.
    if (lost.aborted && outcome.type !== 'handled') throw new KeyLost();
    if (outcome.type === 'dead') {
      await dead.add(group, { event, attempts: attempt, error: outcome.error, diedAt: Date.now() }, patience);
    }
    return outcome;
  }

  /** The first event that is not settled. */
  async #next(): Promise<Found | undefined> {
    const { streams, names, group, ground, patience } = this.#around;
    const { settled, hasAgain } = this.#state;
    if (hasAgain || this.#wake.kind === 'again') {
      const again = await streams.first(
        names.again,
        names.againSubject(group, this.#token),
        settled.again + 1,
        patience,
      );
      if (again) return { ...again, kind: 'again' };
      this.#state = without(this.#state, 'hasAgain');
    }
    const from = Math.max(settled.event + 1, ground.start);
    const subject = names.eventSubject(group.topic, this.#token);
    const event = await streams.first(names.streamOf(group.topic), subject, from, patience);
    if (event) return { ...event, kind: 'event' };
    this.#state = without(this.#state, 'hasMore');
    return undefined;
  }

  /** Writes that this delivery holds the key, and that the event is tried once more; `false` where it is too late. */
  async #begin(next: Found | undefined): Promise<boolean> {
    const { kind, seq, delivery } = this.#wake;
    const { tried: before, ...others } = this.#state;
    const isSame = next && before?.kind === next.kind && before.seq === next.seq;
    const tried = next && { kind: next.kind, seq: next.seq, attempts: isSame ? before.attempts + 1 : 1 };
    return await this.#tryWrite({ ...others, holder: { kind, seq, delivery }, ...(tried && { tried }) });
  }

  /** Leaves the key to whoever comes next; `false` where there is more to do. */
  async #end(): Promise<boolean> {
    const { states, patience } = this.#around;
    for (;;) {
      const kept = await states.write(this.#subject, without(this.#state, 'holder'), this.#kept, patience);
      if (kept) {
        this.#wake.ack();
        return true;
      }
      await this.#takeOver();
      if (this.#state.hasMore || this.#state.hasAgain) return false;
    }
  }

  /** Tells the holder to go on with what has come; `false` where the state is another one by now. */
  async #askForMore(): Promise<boolean> {
    if (this.#state.hasMore) return true;
    return await this.#tryWrite({ ...this.#state, hasMore: true });
  }

  /** Whether the message on behalf of which the key is held is gone: it was too old, or somebody has deleted it. */
  async #isOrphan(): Promise<boolean> {
    const { streams, names, group, patience } = this.#around;
    const { holder } = this.#state;
    if (this.#wake.delivery < suspicious || !holder) return false;
    const stream = holder.kind === 'again' ? names.again : names.streamOf(group.topic);
    return (await streams.at(stream, holder.seq, patience)) === undefined;
  }

  async #write(state: KeyState): Promise<void> {
    if (!(await this.#tryWrite(state))) throw new KeyLost();
  }

  /** `false` where the key is not held, and somebody else has written meanwhile. */
  async #tryWrite(state: KeyState): Promise<boolean> {
    const { states, patience } = this.#around;
    this.#state = state;
    for (;;) {
      const kept = await states.write(this.#subject, this.#state, this.#kept, patience);
      if (kept) {
        this.#see(kept);
        return true;
      }
      if (!this.#holds(this.#kept.state)) return false;
      await this.#takeOver();
    }
  }

  /** Takes what others have added to the key while it is held here. */
  async #takeOver(): Promise<void> {
    const { states, patience } = this.#around;
    this.#kept = await states.read(this.#subject, patience);
    const { hasMore, hasAgain } = this.#kept.state;
    if (!this.#holds(this.#kept.state)) throw new KeyLost();
    this.#state = { ...this.#state, ...(hasMore && { hasMore }), ...(hasAgain && { hasAgain }) };
  }

  #holds({ holder }: KeyState): boolean {
    const { kind, seq, delivery } = this.#wake;
    return holder?.kind === kind && holder.seq === seq && holder.delivery === delivery;
  }

  #see(kept: KeptState): void {
    const { epoch } = this.#around.ground;
    const { hasAgain = false } = kept.state;
    const isOfOthers = kept.state.epoch !== epoch;
    this.#kept = kept;
    this.#state = isOfOthers ? { epoch, settled: { event: 0, again: 0 }, ...(hasAgain && { hasAgain }) } : kept.state;
  }
}

function without(state: KeyState, name: keyof KeyState): KeyState {
  const { [name]: _, ...others } = state;
  return others as KeyState;
}
