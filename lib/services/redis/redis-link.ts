import type { RedisOptions } from '../../api/redis-options.js';
import { type RedisConnection, RedisRefusal, type RedisReply, RedisUnavailable } from '../../api/root-redis-service.js';
import { withDeadline } from '../../util/deadline.js';
import { pause } from '../../util/pause.js';
import { type ConnectionName, endConnection, greet } from './redis-greeting.js';
import type { RedisClient, RedisLibrary } from './redis-library.js';

/** How long a connection may take to be there, and one that is silent is kept, in ms. */
const patience = 1_000;
/** How long is waited between two attempts, in ms, at least; up to half as long again, so that not all come at once. */
const retryDelay = 400;
/** The same between two questions to a server that is slow. */
const probeDelay = 100;
/** How long a stop waits for what was sent, in ms. */
const closeTimeout = 500;

/** Answers of a server that no longer takes what it is sent on this connection: another one may lead to its successor. */
const endings = new Set(['NOAUTH', 'READONLY']);

/** Told when the server is found to be away, again and again while it is, and when it is back. */
export interface RedisWatch {
  isAway(error: unknown): void;
  isBack(): void;
}

/**
 * A connection to a server that may come and go.
 *
 * While the server answers in time, commands are sent to it. Once it has failed to, all are refused at once, and it is asked
 * whether it is there by the link alone, until it says so in time: no caller waits for that. A connection that stays silent
 * is given up for a new one, since nobody tells when it is dead.
 */
export class RedisLink implements RedisConnection {
  readonly #library: RedisLibrary;
  readonly #options: RedisOptions;
  readonly #watch: RedisWatch;
  readonly #end = new AbortController();
  /** The one that is open, or being opened. */
  #client: RedisClient | undefined;
  /** The same while it answers in time. */
  #ready: RedisClient | undefined;
  /** The last one that was open. */
  #last: ConnectionName | undefined;
  #doubt: (error: unknown) => void = () => {};
  #running: Promise<void> | undefined;

  constructor(library: RedisLibrary, options: RedisOptions, watch: RedisWatch) {
    this.#library = library;
    this.#options = options;
    this.#watch = watch;
  }

  /** Resolves after the first attempt, with what it failed with. */
  open(): Promise<unknown> {
    return new Promise(resolve => {
      this.#running ??= this.#run(resolve);
    });
  }

  async send(...command: readonly string[]): Promise<RedisReply> {
    const client = this.#ready;
    if (!client) throw this.#unavailable();
    try {
      return (await withDeadline(this.#options.timeout, () => client.sendCommand(command))) as RedisReply;
    } catch (caught) {
      const error = this.#errorOf(caught);
      const isRefusal = error instanceof RedisRefusal;
      if (client === this.#ready && (!isRefusal || endings.has(error.reply))) this.#doubt(error);
      throw isRefusal ? error : this.#unavailable(error);
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#ready = undefined;
    this.#end.abort();
    this.#doubt(undefined);
    if (client?.isReady) await withDeadline(closeTimeout, () => client.close()).catch(() => {});
    destroy(client);
    await this.#running;
  }

  async #run(onTried: (error?: unknown) => void): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        await this.#keep(await this.#connect(), onTried);
        onTried();
      } catch (error) {
        this.#isAway(error);
        onTried(error);
      }
      await pause(retryDelay * (1 + Math.random() / 2), signal);
    }
  }

  /** Rejects where the server is not to be had, or not to be used. */
  async #connect(): Promise<RedisClient> {
    const { client: given } = this.#options;
    const client = this.#library.createClient({
      ...given,
      // The protocol that every version speaks. What follows is the link's own work.
      RESP: 2,
      maintNotifications: 'disabled',
      disableOfflineQueue: true,
      socket: { ...(given['socket'] as object | undefined), connectTimeout: patience, reconnectStrategy: false },
    });
    this.#client = client;
    client.on('error', () => {}); // Whoever waits is told.
    try {
      const name = await withDeadline(patience, async () => {
        await client.connect();
        return await greet(client, this.#library);
      });
      if (this.#last) endConnection(client, this.#last);
      this.#last = name;
      return client;
    } catch (error) {
      destroy(client);
      throw this.#errorOf(error);
    }
  }

  /** Resolves once the connection is lost, or given up. */
  async #keep(client: RedisClient, onReady: () => void): Promise<void> {
    const { signal } = this.#end;
    const lost = new Promise<unknown>(resolve => {
      client.on('error', resolve);
      client.on('end', resolve);
    });
    let error: unknown;
    do {
      if (signal.aborted) return;
      const doubted = new Promise<unknown>(resolve => (this.#doubt = resolve));
      this.#ready = client;
      this.#watch.isBack();
      onReady();
      error = await Promise.race([lost, doubted]);
      this.#ready = undefined;
      if (signal.aborted) return;
      this.#isAway(error);
    } while (!(error instanceof RedisRefusal) && (await this.#recovers(client)));
    destroy(client);
  }

  /** Whether the server answers in time again, before the connection is lost. */
  async #recovers(client: RedisClient): Promise<boolean> {
    const { signal } = this.#end;
    while (client.isReady && !signal.aborted) {
      const begin = performance.now();
      try {
        await withDeadline(patience, () => client.sendCommand(['PING']));
      } catch {
        return false;
      }
      if (performance.now() - begin <= this.#options.timeout) return !signal.aborted;
      this.#isAway(new Error('It is too slow'));
      await pause(probeDelay, signal);
    }
    return false;
  }

  #isAway(error: unknown): void {
    if (!this.#end.signal.aborted) this.#watch.isAway(error);
  }

  #errorOf(error: unknown): unknown {
    if (!(error instanceof this.#library.ErrorReply)) return error;
    return new RedisRefusal(/^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR');
  }

  #unavailable(cause?: unknown): RedisUnavailable {
    return new RedisUnavailable(`Redis at ${this.#options.server} does not answer`, { cause });
  }
}

function destroy(client: RedisClient | undefined): void {
  try {
    client?.destroy();
  } catch {
    // It is closed already.
  }
}
