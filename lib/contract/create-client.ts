import { clientAnswer } from './client-method.js';
import { bearerOf, requireClientOptions } from './client-options.js';
import { decodeResponse, type EncodedResponse } from './decode-response.js';
import { requireApi, type AnyApi, type OperationIn, type OperationNames } from './define-api.js';
import { encodeRequest, type EncodedRequest } from './encode-request.js';
import type { OperationDefinition } from './operation.js';
import type { ClientRequestOf, Nothing } from './request-of.js';
import type { ClientResponseOf } from './response-of.js';
import { streamOf } from './stream-of.js';

/** What one call may say besides its input. */
export interface FetchCallOptions {
  /** Gives the call up. */
  readonly signal?: AbortSignal;
  /** Sent besides those of the input. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ClientOptions {
  /** The address of the backend, as `https://portal.example`; what follows is `/api/<pluginId>`. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer …`; a function is asked for each call. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  /** Default: the one of the browser, or of Node. */
  readonly fetch?: typeof fetch;
  /** Sent with each call. */
  readonly headers?: Readonly<Record<string, string>>;
}

type InputArguments<O extends OperationDefinition> =
  Nothing extends ClientRequestOf<O>
    ? [input?: ClientRequestOf<O>, options?: FetchCallOptions]
    : [input: ClientRequestOf<O>, options?: FetchCallOptions];

/** Calls the operations of an api from outside of the backend. */
export type FetchClient<A extends AnyApi> = {
  readonly [K in OperationNames<A>]: (
    ...args: InputArguments<OperationIn<A, K>>
  ) => ClientResponseOf<OperationIn<A, K>>;
};

/**
 * A client of an api for whoever is not a plugin: a browser, a CLI, a test. Each operation is a method of it.
 *
 * Rejects with `RemoteError` where the backend answers with an error, and with what `fetch` rejects with where there is
 * no answer. Throws a `ContractError`: `INVALID_API` for what is no api, `INVALID_CLIENT` for options of which no request
 * can be made.
 *
 * @example
 * const catalog = createClient(catalogApi, { baseUrl: 'https://portal.example', token });
 * const entity = await catalog.getEntity({ params: { name: 'backplane' } });
 */
export function createClient<A extends AnyApi>(api: A, options: ClientOptions): FetchClient<A> {
  const { pluginId, operations } = requireApi(api, createClient);
  requireClientOptions(pluginId, options, createClient);
  const base = `${options.baseUrl.replace(/\/+$/, '')}/api/${pluginId}`;
  const client: Record<string, unknown> = {};
  for (const operation of Object.values(operations)) {
    client[operation.name] = (input?: unknown, call?: FetchCallOptions) =>
      clientAnswer(operation, () => send(operation, encodeRequest(operation, input), base, options, call ?? {}));
  }
  return Object.freeze(client) as FetchClient<A>;
}

async function send(
  operation: OperationDefinition,
  { method, path, headers, body }: EncodedRequest,
  base: string,
  { token, headers: usual, fetch: ask = fetch }: ClientOptions,
  call: FetchCallOptions,
): Promise<unknown> {
  const authorization = bearerOf(operation.pluginId, typeof token === 'function' ? await token() : token, createClient);
  const response = await ask(base + path, {
    method,
    headers: {
      ...usual,
      ...call.headers,
      ...headers,
      ...(authorization !== undefined && { authorization }),
    },
    ...bodyOf(body),
    // Nothing here redirects; whoever does must not be given the body, or the token.
    redirect: 'error',
    ...(call.signal && { signal: call.signal }),
  });
  return decodeResponse(operation, encodedResponse(response));
}

function bodyOf(body: EncodedRequest['body']): RequestInit {
  if (body === undefined) return {};
  if (typeof body === 'string' || body instanceof Uint8Array) return { body: body as string };
  return { body: streamOf(body), duplex: 'half' };
}

function encodedResponse(response: Response): EncodedResponse {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: () => response.text(),
    body: bytesOf(response),
    cancel: () => void response.body?.cancel().catch(() => {}),
  };
}

/** Not every browser lets one iterate over a stream. */
async function* bytesOf({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body?.getReader();
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
      yield read.value as Uint8Array;
  } finally {
    await reader?.cancel();
  }
}
