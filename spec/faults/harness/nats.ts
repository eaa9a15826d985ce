import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { urlOf } from './servers.js';

/** The streams of one test, in a server that others use as well; gone when it is over. */
export class NatsPlace implements AsyncDisposable {
  readonly prefix = `test-${randomBytes(6).toString('hex')}`;
  readonly #server: string;

  constructor(server = urlOf('nats').href) {
    this.#server = server;
  }

  get config(): JsonObject {
    return this.configOf(this.#server);
  }

  /** The same by another way, as that of a proxy. */
  configOf(connection: string): JsonObject {
    return { transport: 'nats', connection, nats: { prefix: this.prefix, lease: '1s' } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clear();
  }

  /** Deletes its streams, with everything in them. */
  async clear(which = '_'): Promise<void> {
    const connection = await connect({ servers: this.#server });
    try {
      const { streams } = await jetstreamManager(connection);
      for await (const name of streams.names())
        if (name.startsWith(`${this.prefix}${which}`)) await streams.delete(name);
    } finally {
      await connection.close();
    }
  }
}
