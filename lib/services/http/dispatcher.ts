import type { IncomingMessage, ServerResponse } from 'node:http';
import { NotFoundError } from '../../errors/http-error.js';
import type { Exchange } from './exchange.js';
import { HealthRoutes } from './health-routes.js';
import { checkHost } from './host-header.js';
import type { OpenExchanges } from './open-exchanges.js';
import type { PluginDoors } from './plugin-doors.js';
import { pathOf } from './request-target.js';
import { acceptTravel } from './travel.js';
import type { RootPaths } from './root-paths.js';

/** The way of a request: is it well formed, is it for a plugin, for health, for a path of the root, or for nobody. */
export class Dispatcher {
  readonly #open: OpenExchanges;
  readonly #doors: PluginDoors;
  readonly #health: HealthRoutes;
  readonly #paths: RootPaths;
  readonly #maxHops: number;

  constructor(open: OpenExchanges, doors: PluginDoors, health: HealthRoutes, paths: RootPaths, maxHops: number) {
    this.#open = open;
    this.#doors = doors;
    this.#health = health;
    this.#paths = paths;
    this.#maxHops = maxHops;
  }

  readonly handler = (req: IncomingMessage, res: ServerResponse): void => {
    const exchange = this.#open.begin(req, res);
    try {
      checkHost(req);
      this.#dispatch(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  };

  /** The same for a call of a plugin in this process. */
  readonly handleLocal = (req: IncomingMessage, res: ServerResponse, callerId: string): void => {
    const exchange = this.#open.begin(req, res);
    exchange.callerId = callerId;
    try {
      this.#dispatch(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  };

  #dispatch(exchange: Exchange): void {
    acceptTravel(exchange, this.#maxHops);
    exchange.path = pathOf(exchange.req.url!);
    if (this.#doors.covers(exchange.path)) {
      this.#doors.enter(exchange);
      return;
    }
    const served = this.#health.serve(exchange) ?? this.#paths.serve(exchange);
    if (!served) throw new NotFoundError();
    served.catch((error: unknown) => exchange.fail(error));
  }
}
