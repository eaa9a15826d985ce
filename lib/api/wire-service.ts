import { Service } from '../../decorators/service.js';
import type { OperationDefinition } from '../contract/operation.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from './annotated-method.js';
import type { CallOptions } from './call.js';

/** A body that is JSON, as a value that nobody else has; as text only for who asks for that. */
export interface JsonBody {
  readonly json: unknown;
  readonly text: string;
}

/** What goes over the wire to a plugin: a path below `/api/<pluginId>`, with its query. */
export interface WireRequest {
  readonly pluginId: string;
  readonly method: string;
  /** Starts with a slash; encoded. */
  readonly path: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | JsonBody | Uint8Array | AsyncIterable<Uint8Array>;
}

/** What comes back. Whoever does not read the body to its end calls `cancel()`. */
export interface WireResponse {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The whole body as text, of at most `limit` bytes; longer ones reject. */
  text(limit?: number): Promise<string>;
  readonly body: AsyncIterable<Uint8Array>;
  /** The body, where it has come as the value of its JSON, which then is the reader's own. */
  readonly json?: { readonly value: unknown } | undefined;
  cancel(): void;
}

/** How this plugin calls others: with its credentials, deadline, hops and trace, by the transport that discovery says. */
@Service({ id: 'core.wire', scope: 'plugin' })
export abstract class WireService {
  /** Calls an operation of a contract. Rejects with `RemoteError` where the other side answers with an error. */
  abstract call(operation: OperationDefinition, input: unknown, options: CallOptions): Promise<unknown>;
  /**
   * `fetch` for plugins: `url` is `plugin://<pluginId>/<path>`, and `call` says on whose behalf. An answer that nobody
   * begins to read before the deadline is given up.
   */
  abstract fetch(
    url: string | URL,
    init: Omit<RequestInit, 'credentials' | 'signal'> & { readonly call: CallOptions },
  ): Promise<Response>;
}

/** The operations that this plugin answers. */
@Service({ id: 'core.operations', scope: 'plugin' })
export abstract class OperationsService implements AnnotatedMethodReceiver {
  abstract addMethod(method: AnnotatedMethod): TakeOut | void;
}
