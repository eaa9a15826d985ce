import type { Socket } from 'node:net';
import { ServiceUnavailableError } from '../../errors/http-error.js';
import type { Cors } from './cors.js';
import type { Exchange } from './exchange.js';
import { Upgrade } from './upgrade.js';

/** Where requests for another protocol wait until it is clear who asks. */
export class UpgradeRoom {
  readonly #capacity: number;
  readonly #cors: Cors | undefined;
  readonly #ownOrigin: string | undefined;
  #taken = 0;

  /** `ownOrigin` is where pages of the backend itself are from; without it, wherever the request was sent to. */
  constructor(capacity: number, cors: Cors | undefined, ownOrigin: string | undefined) {
    this.#capacity = capacity;
    this.#cors = cors;
    this.#ownOrigin = ownOrigin;
  }

  /** Throws a `ServiceUnavailableError` where too many wait. */
  enter(exchange: Exchange, socket: Socket, head: Buffer): void {
    if (this.#taken >= this.#capacity) {
      throw new ServiceUnavailableError('Too many connections are being made', {
        code: 'too_many_upgrades',
        retryAfter: 1,
      });
    }
    this.#taken++;
    exchange.upgrade = new Upgrade(socket, head, this.#originOf(exchange), () => this.#taken--);
    exchange.res.once('close', () => exchange.upgrade?.leave());
  }

  #originOf({ req, client }: Exchange): Upgrade['origin'] {
    const { origin } = req.headers;
    if (origin === undefined) return 'none';
    // Not its scheme: whether a proxy in front of us speaks TLS need not be known here.
    const isOwn = this.#ownOrigin ? origin === this.#ownOrigin : /^https?:\/\/(.+)$/.exec(origin)?.[1] === client.host;
    return isOwn ? 'own' : (this.#cors?.admits(origin) ?? 'foreign');
  }
}
