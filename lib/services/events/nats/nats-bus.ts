import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { atMost, pause } from '../../../util/pause.js';
import { unreachable } from '../events-errors.js';
import type { TransportSurroundings } from '../event-transport.js';
import { loadNats } from './load-nats.js';
import { isRefusal } from './nats-codes.js';
import { openNats, type OpenNats } from './open-nats.js';
import type { NatsSettings } from './nats-settings.js';

/** How long somebody waits for the server, in ms, and what ends that before. */
export interface Patience {
  readonly ms: number;
  readonly signal?: AbortSignal;
}

/** The connection to NATS, which comes back by itself, and the patience of those who ask. */
export class NatsBus implements AsyncDisposable {
  readonly settings: NatsSettings;
  readonly #opening: Promise<OpenNats>;
  readonly #onReconnect = new Set<() => void>();
  #open: OpenNats | undefined;
  #isClosed = false;

  constructor(settings: NatsSettings, surroundings: TransportSurroundings, name: string) {
    this.settings = settings;
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

  /** What the server takes at most in one message, in bytes, once it has said so. */
  get maxPayload(): number | undefined {
    return this.#open?.connection.info?.max_payload;
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const open = await atMost(
      100,
      this.#opening.catch(() => undefined),
    );
    if (!open) {
      // It may yet succeed.
      this.#opening.then(({ connection }) => connection.close()).catch(() => {});
      return;
    }
    await atMost(
      2_000,
      open.connection.drain().catch(() => {}),
    );
    await open.connection.close().catch(() => {});
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
