import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { Authenticator, NatsConnection } from '@nats-io/transport-node';
import { readFile } from 'node:fs/promises';
import type { TransportSurroundings } from '../event-transport.js';
import { loadNats } from './load-nats.js';
import type { NatsSettings } from './nats-settings.js';

export interface OpenNats {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

interface Observer {
  readonly isClosed: () => boolean;
  readonly onReconnect: () => void;
  readonly logger: TransportSurroundings['logger'];
}

/** How long the server may take to answer one request, in ms. */
export const requestTimeout = 3_000;

/** In ms; the rest, so that not all come back at once. */
const [reconnectWait, reconnectJitter] = [250, 100];

/**
 * Connects, for as long as that takes, and again whenever the connection is lost. Rejects where it is closed before it is
 * open.
 */
export async function openNats(settings: NatsSettings, name: string, observer: Observer): Promise<OpenNats> {
  const { transport, jetstream } = await loadNats();
  const { servers, tls } = settings;
  const { credentialsFile, ...login } = settings.login;
  const authenticator: Authenticator | undefined =
    credentialsFile === undefined ? undefined : transport.credsAuthenticator(await readFile(credentialsFile));
  const connection = await transport.connect({
    servers: [...servers],
    name,
    ...login,
    ...(authenticator && { authenticator }),
    ...(tls && { tls: {} }),
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    // What is thrown here is all that ends the tries of a first connection: of that one nobody has a handle yet.
    reconnectDelayHandler: () => {
      if (observer.isClosed()) throw new Error('The connection to NATS is closed');
      return reconnectWait + Math.random() * reconnectJitter;
    },
    timeout: 5_000,
    // A connection on which nothing arrives is told from an idle one.
    pingInterval: 3_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    // A stack for each request would cost as much as the request itself.
    noAsyncTraces: true,
  });
  void observe(connection, observer);
  const manager = await jetstream.jetstreamManager(connection, { checkAPI: false, timeout: requestTimeout });
  const client = jetstream.jetstream(connection, { timeout: requestTimeout });
  return { connection, client, manager };
}

async function observe(connection: NatsConnection, { isClosed, onReconnect, logger }: Observer): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect' && !isClosed()) {
      logger.warn('The connection to NATS is lost; events wait until it is back');
    } else if (type === 'reconnect') {
      logger.info('The connection to NATS is back');
      onReconnect();
    }
  }
}
