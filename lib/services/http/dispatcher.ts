import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError, NotFoundError } from '../../errors/http-error.js';
import type { Cors } from './cors.js';
import type { Exchange } from './exchange.js';
import type { HealthRoutes } from './health-routes.js';
import { checkFraming, checkHead } from './request-head.js';
import { isFromNetwork } from './network-request.js';
import type { OpenExchanges } from './open-exchanges.js';
import type { PluginDoors } from './plugin-doors.js';
import type { RateLimits } from './rate-limits.js';
import { pathOf } from './request-target.js';
import { acceptTravel } from './travel.js';
import type { RootPaths } from './root-paths.js';
import { asksForUpgrade } from './upgrade.js';
import type { UpgradeRoom } from './upgrade-room.js';

/** What a dispatcher sends requests through, and to. */
export interface Stations {
  readonly open: OpenExchanges;
  readonly cors: Cors | undefined;
  readonly limits: RateLimits | undefined;
  readonly doors: PluginDoors;
  readonly health: HealthRoutes;
  readonly paths: RootPaths;
  readonly maxHops: number;
  readonly maxHeaders: number;
  readonly upgrades: UpgradeRoom;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** The way of a request: is it well formed, is it for a plugin, for health, for a path of the root, or for nobody. */
export class Dispatcher {
  readonly #stations: Stations;
  readonly #isOutside: boolean;

  /** What comes in from outside, over a socket, is not answered by internal endpoints. */
  constructor(stations: Stations, { isOutside }: { readonly isOutside: boolean }) {
    this.#stations = stations;
    this.#isOutside = isOutside;
  }

  readonly handler: Handler = (req, res) => this.#receiveInTurn(this.#begin(req, res));

  /** For a request with an `Expect` header, whose caller may wait before it sends the body. */
  readonly expectingHandler: Handler = (req, res) => {
    const exchange = this.#begin(req, res);
    exchange.awaitsContinue = true;
    if (req.headers.expect?.toLowerCase() === '100-continue') {
      this.#receiveInTurn(exchange);
      return;
    }
    this.#receiveInTurn(exchange, () => {
      // Its body may come or not, so nothing that follows can be told from it.
      res.shouldKeepAlive = false;
      exchange.fail(new HttpError(417, 'The expectation cannot be met', { code: 'expectation_failed' }));
    });
  };

  /** For a call of a plugin in this process: what concerns only the network does not apply. */
  readonly handleLocal = (req: IncomingMessage, res: ServerResponse, callerId: string): void => {
    const exchange = this.#stations.open.begin(req, res, callerId);
    exchange.isApi = true;
    try {
      acceptTravel(exchange, this.#stations.maxHops);
      exchange.path = pathOf(req.url!);
      this.#dispatch(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  };

  /** Whether `req` is for another protocol, which a plugin may speak: everything else that wants one is answered as usual. */
  takesUpgrade(req: IncomingMessage): boolean {
    if (!asksForUpgrade(req)) return false;
    try {
      return this.#stations.doors.takesUpgrade(pathOf(req.url!));
    } catch {
      return false;
    }
  }

  /** For a request that may be for another protocol: goes the way of all others, with its connection. */
  readonly upgrade = (req: IncomingMessage, socket: Socket, head: Buffer): void => {
    // Its last answer has been given, with which it ends.
    if (socket.writableEnded || socket.destroyed) return;
    // What was sent behind a request cannot be told from the end of the connection once its answer is written.
    if (this.#stations.open.lastOn(socket)) {
      socket.destroy();
      return;
    }
    const res = responseOn(socket, req);
    if (!res) return;
    const exchange = this.#begin(req, res);
    try {
      this.#stations.upgrades.enter(exchange, socket, head);
      this.#receive(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  };

  #begin(req: IncomingMessage, res: ServerResponse): Exchange {
    const exchange = this.#stations.open.begin(req, res);
    if (this.#isOutside) exchange.isOutside = isFromNetwork(req);
    return exchange;
  }

  #receiveInTurn(exchange: Exchange, receive = this.#receive): void {
    const { open } = this.#stations;
    const { socket } = exchange.req;
    if (open.isHolding) return open.whenReleased(() => this.#receiveInTurn(exchange, receive));
    // The last answer of this connection has been given: what came behind its request is not to be done in silence.
    if (socket.writableEnded || socket.destroyed) exchange.end();
    else if (exchange.res.socket) receive(exchange);
    else open.inTurn(exchange, () => receive(exchange));
  }

  readonly #receive = (exchange: Exchange): void => {
    const { req } = exchange;
    const { cors, limits, health } = this.#stations;
    try {
      if (cors) exchange.addHeaders(cors.headersFor(req));
      checkHead(req, this.#stations.maxHeaders);
      checkFraming(req, exchange.res);
      acceptTravel(exchange, this.#stations.maxHops);
      exchange.path = pathOf(req.url!);
      exchange.isApi = exchange.path.startsWith('/api/') || exchange.path.startsWith('/.backplane/');
      const status = cors?.preflightStatus(req);
      if (status !== undefined) return answerPreflight(exchange, cors!, status);
      if (!limits || health.covers(exchange.path)) {
        if (mayBringBody(exchange)) process.nextTick(this.#dispatchLate, exchange);
        else this.#dispatch(exchange);
        return;
      }
      limits.admit(exchange, this.#stations.doors.pluginIdOf(exchange.path)).then(
        () => this.#dispatchLate(exchange),
        (error: unknown) => exchange.fail(error),
      );
    } catch (error) {
      exchange.fail(error);
    }
  };

  #dispatch(exchange: Exchange): void {
    const { doors, health, paths } = this.#stations;
    if (doors.covers(exchange.path)) {
      doors.enter(exchange);
      return;
    }
    const served = (exchange.isOutside ? undefined : health.serve(exchange)) ?? paths.serve(exchange);
    if (!served) throw new NotFoundError();
    served.catch((error: unknown) => exchange.fail(error));
  }

  readonly #dispatchLate = (exchange: Exchange): void => {
    // Nobody waits any more, or the answer has been given.
    if (exchange.res.headersSent || exchange.res.destroyed) return;
    try {
      this.#dispatch(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  };
}

/**
 * Whether a body may have come along with the headers, as a short one mostly does. Node hands it over once it is done
 * with these, so whoever reads it a moment later need not wait, for which each promise takes as long as a hundred bytes.
 */
function mayBringBody({ req, awaitsContinue, upgrade }: Exchange): boolean {
  const length = req.headers['content-length'];
  return length !== undefined && length !== '0' && !awaitsContinue && !upgrade;
}

function answerPreflight(exchange: Exchange, cors: Cors, status: number): void {
  exchange.addHeaders(cors.preflightHeaders(exchange.req));
  exchange.res.writeHead(status, ['Content-Length', '0']);
  exchange.res.end();
}

/** As Node makes it for every other request; none where Node itself is still answering on the connection, which then ends. */
function responseOn(socket: Socket, req: IncomingMessage): ServerResponse | undefined {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  try {
    res.assignSocket(socket);
  } catch {
    socket.destroySoon();
    return undefined;
  }
  res.once('finish', () => socket.destroySoon());
  // Of the end of the connection `res` is told.
  socket.on('error', () => {});
  return res;
}
