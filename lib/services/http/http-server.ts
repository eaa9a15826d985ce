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
import { beginAgain, serveOn, withoutUpgrade } from './upgrade.js';

export interface ServerOptions {
  readonly limits: ServerLimits;
  readonly dispatcher: Dispatcher;
  readonly open: OpenExchanges;
  /** Sent with what is no request, as lines. */
  readonly headers: string;
  /** Hears why a connection could not be accepted, which ends nothing. */
  readonly onError: (error: Error) => void;
  /** With it, connections are TLS. */
  readonly certificate: Certificate | undefined;
}

/** Node's HTTP server with our limits. */
export class HttpServer {
  readonly #server: Server;
  readonly #isTls: boolean;
  /** Those of TLS, of which Node knows none before they have shown who they are. */
  readonly #unencrypted = new Set<Socket>();
  /** Where it listens, or did until every request was answered. */
  #bound: AddressInfo | undefined;
  #accepted = 0;
  #closed: Promise<void> | undefined;

  private constructor(server: Server, isTls: boolean) {
    this.#server = server;
    this.#isTls = isTls;
    this.#bound = server.address() as AddressInfo;
    server.on('connection', socket => {
      this.#accepted++;
      if (!isTls) return;
      this.#unencrypted.add(socket);
      socket.once('close', () => this.#unencrypted.delete(socket));
    });
  }

  /**
   * Listens, or throws a `BackplaneError` that says why that cannot be.
   */
  static async listen(address: ListenAddress, options: ServerOptions): Promise<HttpServer> {
    const { limits, dispatcher, open, headers, onError, certificate } = options;
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
      // What is wrong behind a request, or when its answer has begun, cannot be told: it would be taken for its answer.
      const current = open.currentOn(socket);
      if (current && (current.res.headersSent || current.req.complete)) socket.destroy();
      else answerClientError(error, socket, headers);
    });
    // Nothing can be said before there are keys, not even to hang up.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('upgrade', (req, socket, head) => {
      // Node has stopped listening to the connection, which may break before anybody takes it up again.
      if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore);
      if (hasTooManyHeaders(req, limits.maxHeadersCount)) {
        if (open.lastOn(socket)) socket.destroy();
        else hangUp(socket, tooManyHeaders, headers);
        return;
      }
      if (dispatcher.takesUpgrade(req)) return dispatcher.upgrade(req, socket as Socket, head);
      // Every wish for another protocol comes here, although nobody has to grant it. Node's `shouldUpgradeCallback` can
      // tell it so from version 22 on, but then loses what came in one piece with the request and follows it.
      const again = () => {
        // Its last answer has been given, or it is gone.
        if (socket.destroyed || socket.writableEnded) return;
        beginAgain(socket as Socket, withoutUpgrade(req, head));
        server.emit(connection, socket);
      };
      const before = open.lastOn(socket);
      // It comes out of the answer before, with whose plugin this request, and those behind it, have nothing to do.
      if (!before) return again();
      const end = serveOn(socket as Socket, () => open.currentOn(socket)?.res);
      before.res.once(
        'close',
        AsyncResource.bind(() => {
          end();
          again();
        }),
      );
    });
    server.on('request', dispatcher.handler);
    server.on('checkContinue', dispatcher.expectingHandler);
    server.on('checkExpectation', dispatcher.expectingHandler);
    try {
      await listening(server, address);
    } catch (error) {
      throw listenError(address, error as NodeJS.ErrnoException);
    }
    // Where nobody listens it would end the process: the system may have no room for one connection more.
    server.on('error', onError);
    return new HttpServer(server, certificate !== undefined);
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#bound && { host: this.#bound.address, port: this.#bound.port };
  }

  /** Where a program on this machine reaches it, as `http://localhost:7007`. */
  get url(): string | undefined {
    const { address } = this;
    if (!address) return undefined;
    const { host, port } = address;
    return `${this.#isTls ? 'https' : 'http'}://${reachedAt(host)}:${port}`;
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
    const end = performance.now() + longestAccepting;
    for (let quiet = 0; quiet < 3;) {
      const before = this.#accepted;
      const since = performance.now();
      // The first is of the turn that we are in, which may have asked for connections already.
      await nextTurn();
      await nextTurn();
      const now = performance.now();
      // While others are answered, somebody may have come.
      quiet = before === this.#accepted && now - since < shortTurns ? quiet + 1 : 0;
      if (now > end || this.#accepted - begin >= longestQueue) return;
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
    for (const socket of this.#unencrypted) socket.destroy();
    await closed;
    this.#bound = undefined;
    this.#server.close(); // Only ends the looking after connections.
  }
}

/** All interfaces are no address that anybody could ask. */
function reachedAt(host: string): string {
  if (host === '::') return 'localhost';
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Node's default of `backlog`: who is let in later came after the stop. */
const longestQueue = 511;
/** How long two turns of the event loop take in which next to nothing happens, in ms. */
const shortTurns = 2;
/** How long a busy server looks for such turns, in ms. */
const longestAccepting = 500;

function ignore(): void {}

async function listening(server: Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
