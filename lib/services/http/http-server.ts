import { AsyncResource } from 'node:async_hooks';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { answerClientError, hangUp, tooManyHeaders } from './client-error.js';
import type { Dispatcher } from './dispatcher.js';
import { hideServer } from './hidden-server.js';
import type { ServerLimits } from './http-settings.js';
import type { ListenAddress } from './listen-address.js';
import { listenError } from './listen-error.js';
import type { OpenExchanges } from './open-exchanges.js';
import type { Certificate } from './tls-settings.js';
import { hasTooManyHeaders } from './request-head.js';
import { beginAgain, withoutUpgrade } from './upgrade.js';

export interface ServerOptions {
  readonly limits: ServerLimits;
  readonly dispatcher: Dispatcher;
  readonly open: OpenExchanges;
  /** Sent with what is no request, as lines. */
  readonly headers: string;
  /** With it, connections are TLS. */
  readonly certificate: Certificate | undefined;
}

/** Node's HTTP server with our limits. */
export class HttpServer {
  readonly #server: Server;
  readonly #isTls: boolean;
  #accepted = 0;
  #closed: Promise<void> | undefined;

  private constructor(server: Server, isTls: boolean) {
    this.#server = server;
    this.#isTls = isTls;
    server.on('connection', () => this.#accepted++);
  }

  /**
   * Listens, or throws a `BackplaneError` that says why that cannot be.
   */
  static async listen(address: ListenAddress, options: ServerOptions): Promise<HttpServer> {
    const { limits, dispatcher, open, headers, certificate } = options;
    const { headersTimeout, requestTimeout, keepAliveTimeout } = limits;
    const settings = {
      headersTimeout,
      requestTimeout,
      keepAliveTimeout,
      // With Node's default, 30 s, a limit of 3 s does nothing for the first half minute.
      connectionsCheckingInterval: 1_000,
      // We refuse such a request ourselves, with our error body.
      requireHostHeader: false,
    };
    const server: Server = certificate
      ? createTlsServer({ ...settings, ...certificate, minVersion: 'TLSv1.2' })
      : createServer(settings);
    server.timeout = limits.timeout;
    // One more, so that it is known when there are too many.
    server.maxHeadersCount = limits.maxHeadersCount && limits.maxHeadersCount + 1;
    server.maxRequestsPerSocket = limits.maxRequestsPerSocket;
    const connection = certificate ? 'secureConnection' : 'connection';
    server.on(connection, hideServer(server));
    server.on('clientError', (error, socket) => {
      if (open.isAnswering(socket)) socket.destroy();
      else answerClientError(error, socket, headers);
    });
    server.on('upgrade', (req, socket, head) => {
      if (hasTooManyHeaders(req, limits.maxHeadersCount)) {
        if (open.lastOn(socket)) socket.destroy();
        else hangUp(socket, tooManyHeaders, headers);
        return;
      }
      if (dispatcher.takesUpgrade(req)) return dispatcher.upgrade(req, socket as Socket, head);
      // Every wish for another protocol comes here, although nobody has to grant it. Node's `shouldUpgradeCallback` can
      // tell it so from version 22 on, but then loses what came in one piece with the request and follows it.
      const again = () => {
        beginAgain(socket as Socket, withoutUpgrade(req, head));
        server.emit(connection, socket);
      };
      const before = open.lastOn(socket);
      // It comes out of the answer before, with whose plugin this request, and those behind it, have nothing to do.
      if (before) before.res.once('close', AsyncResource.bind(again));
      else again();
    });
    server.on('request', dispatcher.handler);
    server.on('checkContinue', dispatcher.expectingHandler);
    server.on('checkExpectation', dispatcher.expectingHandler);
    try {
      await listening(server, address);
    } catch (error) {
      throw listenError(address, error as NodeJS.ErrnoException);
    }
    return new HttpServer(server, certificate !== undefined);
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    const bound = this.#server.address() as AddressInfo | null;
    return bound ? { host: bound.address, port: bound.port } : undefined;
  }

  /** Where a program on this machine reaches it, as `http://localhost:7007`. */
  get url(): string | undefined {
    const { address } = this;
    if (!address) return undefined;
    const { host, port } = address;
    const everywhere = host === '::' || host === '0.0.0.0';
    return `${this.#isTls ? 'https' : 'http'}://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** Connections made from now on get this certificate. */
  renew(certificate: Certificate): void {
    if (this.#isTls) (this.#server as TlsServer).setSecureContext({ ...certificate, minVersion: 'TLSv1.2' });
  }

  /**
   * Resolves once those are accepted whom the operating system has let in and we have not seen yet: closing the server
   * would reset them. Node accepts no more than one with each turn of the event loop.
   */
  async acceptQueued(): Promise<void> {
    const begin = this.#accepted;
    for (let before = -1; before < this.#accepted && this.#accepted - begin < longestQueue;) {
      before = this.#accepted;
      // The first is of the turn that we are in, which may have asked for connections already.
      await nextTurn();
      await nextTurn();
    }
  }

  /** Resolves once the server accepts no more and every connection has ended; refuses new ones from now on. */
  get closed(): Promise<void> {
    // The close() of an HTTP server also destroys connections whose answer is written but has not gone out yet.
    this.#closed ??= new Promise(resolve => NetServer.prototype.close.call(this.#server, () => resolve()));
    return this.#closed;
  }

  /** Ends the connections on which nothing is going on; no answer may be on its way. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  /** Ends every connection at once. */
  async close(): Promise<void> {
    const { closed } = this;
    this.#server.closeAllConnections();
    await closed;
    this.#server.close(); // Only ends the looking after connections.
  }
}

/** Node's default of `backlog`: who is let in later came after the stop. */
const longestQueue = 511;

async function listening(server: Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
