import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { pause } from '../../../util/pause.js';
import { unreachable } from '../events-errors.js';
import type { TransportSurroundings } from '../event-transport.js';
import { loadNats } from './load-nats.js';
import { openNats, type OpenNats, requestTimeout } from './open-nats.js';
import type { NatsSettings } from './nats-settings.js';

export interface Stored {
  readonly seq: number;
  readonly subject: string;
  readonly text: string;
}

/** How long somebody waits for the server, in ms, and what ends that before. */
export interface Patience {
  readonly ms: number;
  readonly signal?: AbortSignal;
}

/** Codes of JetStream's errors. */
const wrongLastSequence = 10_071;
const noMessage = 10_037;
const nameInUse = 10_058;
const sequenceNotFound = 10_043;

/** The connection to NATS, which comes back by itself, and the few things that are asked of it. */
export class NatsBus implements AsyncDisposable {
  readonly settings: NatsSettings;
  readonly #surroundings: TransportSurroundings;
  readonly #opening: Promise<OpenNats>;
  readonly #onReconnect = new Set<() => void>();
  /** By stream, where its events began when this backend first asked. */
  readonly #streams = new Map<string, Promise<number>>();
  #open: OpenNats | undefined;
  #isClosed = false;

  constructor(settings: NatsSettings, surroundings: TransportSurroundings, name: string) {
    this.settings = settings;
    this.#surroundings = surroundings;
    this.#opening = openNats(settings, name, {
      isClosed: () => this.#isClosed,
      onReconnect: () => this.#onReconnect.forEach(listener => listener()),
      logger: surroundings.logger,
    });
    // Whoever asks for something is told.
    this.#opening.then(
      open => (this.#open = open),
      () => {},
    );
  }

  /** Calls `listener` whenever the connection has come back; gives back how to end that. */
  onReconnect(listener: () => void): () => void {
    this.#onReconnect.add(listener);
    return () => this.#onReconnect.delete(listener);
  }

  async connection(): Promise<NatsConnection> {
    return (await this.#opening).connection;
  }

  /** A subject on which only the one who asks listens. */
  async inbox(): Promise<string> {
    const { transport } = await loadNats();
    return transport.createInbox();
  }

  async manager(): Promise<JetStreamManager> {
    return (await this.#opening).manager;
  }

  /**
   * Does `work` until it succeeds, for as long as somebody waits; what `isFinal` says ends it at once. Rejects with
   * `EVENTS_UNREACHABLE` where the server does not answer.
   */
  async patiently<T>(work: (open: OpenNats) => Promise<T>, { ms, signal }: Patience, isFinal = isRefusal): Promise<T> {
    let last: unknown = `Nobody answers at ${this.settings.servers.join(', ')}`;
    // Nearly always it is as simple as that; the library itself does not wait for long.
    if (this.#open) {
      try {
        return await work(this.#open);
      } catch (error) {
        if (isFinal(error)) throw error;
        last = error;
      }
    }
    const late = new AbortController();
    const giveUp = (): void => late.abort();
    const timer = setTimeout(giveUp, ms);
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp);
    try {
      while (!late.signal.aborted && !this.#isClosed) {
        try {
          const open = await unless(late.signal, this.#opening);
          return await unless(late.signal, work(open));
        } catch (error) {
          if (error instanceof TooLate) break;
          if (isFinal(error)) throw error;
          last = error;
        }
        await pause(100, late.signal);
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
    throw unreachable(this.settings.servers.join(', '), last);
  }

  /** Makes the stream, where there is none; gives the sequence of its last event when this backend first asked. */
  ensure(name: string, config: Partial<StreamConfig>, patience: Patience): Promise<number> {
    const known = this.#streams.get(name);
    if (known) return known;
    const made = this.patiently(({ manager }) => this.#make(manager, name, config), patience);
    this.#streams.set(name, made);
    made.catch(() => this.forget(name));
    return made;
  }

  /** Somebody has deleted the stream. */
  forget(name: string): void {
    this.#streams.delete(name);
  }

  /** The sequence; `undefined` where the last one of the subject is not `expected` any more. */
  async put(subject: string, data: string, expected: number, patience: Patience): Promise<number | undefined> {
    try {
      return await this.patiently(async ({ client }) => {
        const { seq } = await client.publish(subject, data, {
          timeout: requestTimeout,
          expect: { lastSubjectSequence: expected },
        });
        return seq;
      }, patience);
    } catch (error) {
      if (codeOf(error) === wrongLastSequence) return undefined;
      throw error;
    }
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

  /** What is not there any more need not be removed. */
  async remove(stream: string, seq: number, patience: Patience): Promise<void> {
    try {
      await this.patiently(({ manager }) => manager.streams.deleteMessage(stream, seq), patience);
    } catch (error) {
      if (codeOf(error) !== noMessage && codeOf(error) !== sequenceNotFound) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const open = await Promise.race([this.#opening.catch(() => undefined), pause(100)]);
    if (!open) {
      // It may yet succeed.
      this.#opening.then(({ connection }) => connection.close()).catch(() => {});
      return;
    }
    await Promise.race([open.connection.drain().catch(() => {}), pause(2_000)]);
    await open.connection.close().catch(() => {});
  }

  async #get(stream: string, query: object, patience: Patience): Promise<Stored | undefined> {
    try {
      return await this.patiently(async ({ manager }) => {
        const found = await manager.streams.getMessage(stream, query as { seq: number });
        return found ? { seq: found.seq, subject: found.subject, text: found.string() } : undefined;
      }, patience);
    } catch (error) {
      if (codeOf(error) === noMessage) return undefined;
      throw error;
    }
  }

  async #make(manager: JetStreamManager, name: string, config: Partial<StreamConfig>): Promise<number> {
    const { replicas: num_replicas, storage } = this.settings;
    const wanted = { ...config, name, num_replicas, storage };
    try {
      return (await manager.streams.add(wanted)).state.last_seq;
    } catch (error) {
      if (codeOf(error) !== nameInUse) throw error;
    }
    // Where it is stored cannot be changed; how much of it can.
    const { max_age, max_bytes } = config;
    const found = await manager.streams.info(name);
    try {
      await manager.streams.update(name, {
        num_replicas,
        ...(max_age && { max_age }),
        ...(max_bytes && { max_bytes }),
      });
    } catch (error) {
      this.#surroundings.logger.warn('A stream of events stays as it is', { stream: name, error });
    }
    return found.state.last_seq;
  }
}

class TooLate extends Error {}

async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let end!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(new TooLate());
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** An answer of the server that it would give again. */
function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return [wrongLastSequence, noMessage, sequenceNotFound, nameInUse].includes(code as number);
}

export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}
