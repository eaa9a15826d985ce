import { Inject } from '../../decorators/inject.js';
import { callSiteOf, type CallSite } from '../../decorators/call-site.js';
import { clientAnswer } from '../contract/client-method.js';
import {
  requireApi,
  type AnyApi,
  type ApiMetadata,
  type OperationIn,
  type OperationNames,
} from '../contract/define-api.js';
import type { ClientRequestOf } from '../contract/request-of.js';
import type { ClientResponseOf } from '../contract/response-of.js';
import type { CallOptions, CallOptionsOf } from './call.js';
import { WireService } from './wire-service.js';

/** What calls the operations of an api from within a plugin: each takes what to send, and on whose behalf. */
export type ClientOf<A extends AnyApi> = {
  readonly [K in OperationNames<A>]: (
    input: ClientRequestOf<OperationIn<A, K>>,
    call: CallOptionsOf<OperationIn<A, K>>,
  ) => ClientResponseOf<OperationIn<A, K>>;
};

/** What a class made with `clientOf` calls. */
export interface ClientOrigin {
  readonly api: ApiMetadata;
  readonly site: CallSite | undefined;
}

/** Found by the classes that extend a client as well; another copy of the framework has its own. */
const origin = Symbol('client');

/**
 * The base of a class that calls the operations of an api, as a service of scope `plugin` with the id
 * `<pluginId>.client`: each plugin that injects it gets one of its own, which calls with that plugin's credentials.
 *
 * Every method takes what to send, `{}` where that is nothing, and on whose behalf: the `Call` that is being answered,
 * the context of a plain route, or `{ credentials: 'own' }`. It rejects with `RemoteError` where the other side answers with an error.
 *
 * A class may add methods; what an operation does is changed by wrapping the class, `@Service({ wraps: CatalogClient })`.
 *
 * @example
 * export class CatalogClient extends clientOf(catalogApi) {}
 */
export function clientOf<A extends AnyApi>(api: A): new (wire: WireService) => ClientOf<A> {
  const metadata = requireApi(api, clientOf);
  class Client {
    static readonly [origin]: ClientOrigin = { api: metadata, site: callSiteOf(clientOf) };
    readonly #wire: WireService;

    constructor(wire: WireService) {
      this.#wire = wire;
    }

    static {
      for (const operation of Object.values(metadata.operations)) {
        const value = function (this: Client, input: unknown, call: CallOptions): unknown {
          return clientAnswer(operation, () => this.#wire.call(operation, input, call));
        };
        Object.defineProperty(this.prototype, operation.name, { value });
      }
      // One plugin must not see what others call.
      Object.freeze(this.prototype);
    }
  }
  Inject(WireService)(Client, undefined, 0);
  return Client as never;
}

/** What a class made with `clientOf`, or a subclass of one, calls. */
export function clientOriginOf(target: object): ClientOrigin | undefined {
  return (target as { readonly [origin]?: ClientOrigin })[origin];
}
