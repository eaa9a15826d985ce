import { randomUUID } from 'node:crypto';
import { isObject } from '../../../util/is-object.js';
import type { TransportSurroundings } from '../event-transport.js';
import type { Patience } from './nats-bus.js';
import type { NatsStreams } from './nats-streams.js';
import type { NatsWake, WakeKind } from './nats-wake.js';

/** How far a group is with the events of one key. */
export interface KeyState {
  /** Of which streams the sequences are: streams that were made anew begin again. */
  readonly epoch?: string;
  /** Everything up to here is settled, of the topic and of what was taken back from the dead letters. */
  readonly settled: Readonly<Record<WakeKind, number>>;
  /**
   * On behalf of which delivery the key is being handled, or waits to be: nobody else handles its events before that
   * delivery has ended. The server ends it where its member gives no sign of life, and gives the same message to another.
   */
  readonly holder?: { readonly kind: WakeKind; readonly seq: number; readonly delivery: number };
  /** Which event was tried, and how often. */
  readonly tried?: { readonly kind: WakeKind; readonly seq: number; readonly attempts: number };
  /** Somebody had to leave while the key was held: whoever holds it goes on with what has come meanwhile. */
  readonly hasMore?: boolean;
  /** Of an event without a key: how many of its deliveries ended with their member, and were no attempts. */
  readonly returned?: number;
  /** Something was taken back from the dead letters. */
  readonly hasAgain?: boolean;
}

/** A state, and where it is kept: who writes says which one it has seen. */
export interface KeptState {
  readonly state: KeyState;
  /** 0 for none. */
  readonly revision: number;
}

const nothing: KeptState = { state: { settled: { event: 0, again: 0 } }, revision: 0 };

/** How many are remembered here, so that they need not be asked for. */
const capacity = 5_000;

/** The states of the keys of all groups, as one stream that keeps the last of each. */
export class KeyStates {
  readonly #streams: NatsStreams;
  readonly #stream: string;
  readonly #logger: TransportSurroundings['logger'];
  /** What was written last by this backend, oldest first. It may have been changed by another one. */
  readonly #recent = new Map<string, KeptState>();

  constructor(streams: NatsStreams, stream: string, logger: TransportSurroundings['logger']) {
    this.#streams = streams;
    this.#stream = stream;
    this.#logger = logger;
  }

  /** What it was when this backend saw it last: whoever writes finds out whether it still is. */
  recent(subject: string): KeptState | undefined {
    return this.#recent.get(subject);
  }

  /** What is no state, which somebody else must have written, is as none and is written over: events come again then. */
  async read(subject: string, patience: Patience): Promise<KeptState> {
    const found = await this.#streams.last(this.#stream, subject, patience);
    const state = found && parse(found.text)?.state;
    if (found && !state) {
      const message = 'How far a consumer group is with a key cannot be read: its events may be handled again';
      this.#logger.warn(message, { subject });
    }
    const kept = { state: state ?? nothing.state, revision: found?.seq ?? nothing.revision };
    this.#remember(subject, kept);
    return kept;
  }

  /** `undefined` where somebody else has written meanwhile. */
  async write(
    subject: string,
    state: KeyState,
    { revision }: KeptState,
    patience: Patience,
  ): Promise<KeptState | undefined> {
    const mark = randomUUID();
    const seq = await this.#streams.put(this.#stream, subject, JSON.stringify({ ...state, mark }), revision, patience);
    if (seq !== undefined) {
      const kept = { state, revision: seq };
      this.#remember(subject, kept);
      return kept;
    }
    // An answer may have been lost, and what was written again found itself.
    const found = await this.#streams.last(this.#stream, subject, patience);
    if (found && parse(found.text)?.mark === mark) {
      const kept = { state, revision: found.seq };
      this.#remember(subject, kept);
      return kept;
    }
    this.#recent.delete(subject);
    return undefined;
  }

  #remember(subject: string, kept: KeptState): void {
    this.#recent.delete(subject);
    this.#recent.set(subject, kept);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > capacity && oldest !== undefined) this.#recent.delete(oldest);
  }
}

/** Whether the delivery is of the message on behalf of which the key is held. */
export function isHeldBy({ holder }: KeyState, { kind, seq }: NatsWake): boolean {
  return holder?.kind === kind && holder.seq === seq;
}

function parse(text: string): { readonly state: KeyState; readonly mark: unknown } | undefined {
  try {
    const { mark, ...state } = JSON.parse(text) as KeyState & { readonly mark: unknown };
    return isState(state) ? { state, mark } : undefined;
  } catch {
    return undefined;
  }
}

function isState({ settled, holder, tried }: { readonly [N in keyof KeyState]: unknown }): boolean {
  return (
    hasNumbers(settled, 'event', 'again') &&
    (holder === undefined || hasNumbers(holder, 'seq', 'delivery')) &&
    (tried === undefined || hasNumbers(tried, 'seq', 'attempts'))
  );
}

function hasNumbers(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every(name => Number.isSafeInteger(value[name]));
}
