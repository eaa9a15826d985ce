import { atMost, pause } from '../../../util/pause.js';
import type { Client, Pg } from './load-pg.js';
import type { PostgresConnection } from './postgres-connection.js';

const longestWait = 5_000;
const endTimeout = 1_000;

interface Audience {
  /** Gets the topic. */
  onPublished(topic: string | undefined): void;
  /** It listens again, and has heard nothing meanwhile. */
  onListening(): void;
}

/** Listens to who publishes, on a connection of its own that is made again for as long as it takes. */
export class PostgresListener implements AsyncDisposable {
  readonly #pg: Pg;
  readonly #connection: PostgresConnection;
  readonly #audience: Audience;
  readonly #ended: Promise<void>;
  #client: Client | undefined;

  constructor(pg: Pg, connection: PostgresConnection, audience: Audience) {
    this.#pg = pg;
    this.#connection = connection;
    this.#audience = audience;
    this.#ended = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = Promise.all([this.#client?.end().catch(() => {}), this.#ended]);
    // A server that does not answer is not waited for.
    await atMost(endTimeout, ended);
  }

  async #run(): Promise<void> {
    const { closing } = this.#connection;
    let wait = 50;
    while (!closing.aborted) {
      try {
        await this.#listen(() => (wait = 50));
      } catch {
        // Looking from time to time finds what is not heard of meanwhile.
      }
      await pause(wait * (0.5 + Math.random() / 2), closing);
      wait = Math.min(longestWait, wait * 2);
    }
  }

  /** Resolves when the connection has ended. */
  async #listen(onListening: () => void): Promise<void> {
    const { connection, schema } = this.#connection.settings;
    const client = new this.#pg.Client({
      application_name: 'backplane events',
      keepAlive: true,
      connectionTimeoutMillis: longestWait,
      ...connection,
    });
    const ended = new Promise<void>(resolve => {
      client.on('error', resolve);
      client.on('end', resolve);
    });
    client.on('notification', ({ payload }) => this.#audience.onPublished(payload));
    try {
      await client.connect();
      if (this.#connection.closing.aborted) return;
      this.#client = client;
      await client.query(`LISTEN ${schema}`);
      onListening();
      this.#audience.onListening();
      await ended;
    } finally {
      this.#client = undefined;
      await client.end().catch(() => {});
    }
  }
}
