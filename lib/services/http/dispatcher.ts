import type { IncomingMessage, ServerResponse } from 'node:http';
import { NotFoundError } from '../../errors/http-error.js';
import type { Exchange } from './exchange.js';
import { HealthRoutes } from './health-routes.js';
import { checkHost } from './host-header.js';
import type { OpenExchanges } from './open-exchanges.js';
import type { PluginDoors } from './plugin-doors.js';
import { pathOf } from './request-target.js';
import type { RootPaths } from './root-paths.js';

/** The way of a request: is it well formed, is it for a plugin, for health, for a path of the root, or for nobody. */
export class Dispatcher {
  readonly #open: OpenExchanges;
  readonly #doors: PluginDoors;
  readonly #health: HealthRoutes;
  readonly #paths: RootPaths;

  constructor(open: OpenExchanges, doors: PluginDoors, health: HealthRoutes, paths: RootPaths) {
    this.#open = open;
    this.#doors = doors;
    this.#health = health;
    this.#paths = paths;
  }

  readonly handler = (req: IncomingMessage, res: ServerResponse): void => {
    const exchange = this.#open.begin(req, res);
    try {
      this.#dispatch(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  };

  #dispatch(exchange: Exchange): void {
    const { req } = exchange;
    checkHost(req);
    exchange.path = pathOf(req.url!);
    if (this.#doors.covers(exchange.path)) {
      this.#doors.enter(exchange);
      return;
    }
    const served = this.#health.serve(exchange) ?? this.#paths.serve(exchange);
    if (!served) throw new NotFoundError();
    served.catch((error: unknown) => exchange.fail(error));
  }
}
