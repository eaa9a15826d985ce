import type { Socket } from 'node:net';
import type { TakeOut } from '../../api/annotated-method.js';
import type { AdmittedRequest, UpgradeHandler, UpgradeOptions } from '../../api/http-services.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { ForbiddenError } from '../../errors/http-error.js';
import { RouteTable, type Match } from './route-table.js';
import { soundRoute } from './route.js';

/** What one plugin speaks besides HTTP, and the connections on which it does. */
export class PluginUpgrades implements Disposable {
  readonly #routes: RouteTable;
  readonly #open = new Set<Socket>();

  constructor(pluginId: string) {
    this.#routes = new RouteTable(pluginId);
  }

  add(path: string, handler: UpgradeHandler, { allow, origins = [] }: UpgradeOptions): TakeOut {
    for (const origin of origins) refuseUnsoundOrigin(path, origin);
    const route = soundRoute({
      method: 'GET',
      path,
      ...(allow && { allow }),
      answer: admitted => {
        refuseForeignOrigin(admitted, { allow, origins });
        return this.#handOver(admitted, handler);
      },
    });
    this.#routes.add(route);
    return () => this.#routes.remove(route);
  }

  match(path: string): Match | undefined {
    return this.#routes.match('GET', path);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#open) socket.destroy();
  }

  #handOver({ request, params, credentials }: AdmittedRequest, handler: UpgradeHandler): void | Promise<void> {
    const { req, requestId } = request;
    const { socket, head } = request.upgrade!;
    // Whoever was asked about the caller has taken its time.
    if (socket.destroyed) return;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    socket.setTimeout(0);
    request.upgrade!.handOver();
    const { signal, closing } = request;
    return handler(req, socket, head, { credentials, params, signal, closing, requestId });
  }
}

/** A page can open a connection to anywhere, and read what comes: its browser asks nobody before. */
function refuseForeignOrigin({ request, credentials }: AdmittedRequest, { allow, origins }: UpgradeOptions): void {
  const { headers } = request.req;
  const takesCookie = typeof allow === 'object' && allow.includes('user-cookie');
  const byCookie = takesCookie && credentials.principal.type === 'user' && headers.authorization === undefined;
  const { origin } = request.upgrade!;
  if (origin === 'own' || origin === 'named') return;
  if (headers.origin !== undefined && origins?.includes(headers.origin)) return;
  if (!byCookie && origin !== 'foreign') return;
  throw new ForbiddenError('Pages of this origin may not connect', { code: 'foreign_origin' });
}

function refuseUnsoundOrigin(path: string, origin: string): void {
  if (URL.parse(origin)?.origin === origin) return;
  throw new BackplaneError({
    code: 'INVALID_ROUTE',
    message: `'${origin}' is not the origin of a page that may connect to '${path}'`,
    path: [],
    fix: `write it as 'https://portal.example.com'.`,
  });
}
