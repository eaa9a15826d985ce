import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** What Node and its ecosystem read of a connection's server while it is served. */
const settings = [
  'timeout', 'headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'maxHeadersCount', 'maxRequestsPerSocket',
  'joinDuplicateHeaders', 'insecureHTTPParser',
] as const; // prettier-ignore

/** What Node tells the server by way of the connection. */
const told: readonly string[] = ['timeout', 'clientError', 'tlsClientError'];

/** Node's, and not in its typings. */
interface Counting extends Server {
  _connections: number;
  _emitCloseIfDrained(): void;
}

type Connection = Socket & {
  server: unknown;
  _server: unknown;
  _tlsOptions?: { server: unknown };
  _parent?: Connection;
};

/**
 * Makes what a connection says of its server something to read settings from and nothing more.
 *
 * A plugin has its request's socket, and with it Node gives away the server: its listeners, which take requests to every
 * plugin, its private key, and `close()`.
 */
export function hideServer(server: Server): (socket: Socket | TLSSocket) => void {
  const shown = Object.freeze({
    __proto__: null,
    ...Object.fromEntries(settings.map(name => [name, (server as unknown as Record<string, unknown>)[name]])),
    emit: (event: string, ...args: unknown[]) => told.includes(event) && server.emit(event, ...args),
  });
  const counted = Object.freeze(new ConnectionCount(server as Counting));
  return given => {
    const socket = given as Connection;
    socket.server = shown;
    if (socket._tlsOptions) socket._tlsOptions.server = shown;
    const raw = socket._parent ?? socket;
    raw.server = shown;
    raw._server = counted;
  };
}

/** What Node's connections tell their server of their end. */
class ConnectionCount {
  readonly #server: Counting;

  constructor(server: Counting) {
    this.#server = server;
  }

  get _connections(): number {
    return this.#server._connections;
  }
  set _connections(count: number) {
    this.#server._connections = count;
  }

  _emitCloseIfDrained(): void {
    this.#server._emitCloseIfDrained();
  }
}
