import type { OperationDefinition } from './operation.js';
import type { RawBody } from './raw-body.js';
import type { InputOf, OutputOf } from './schema.js';

/** As one object; where it has no property at all, one that can have none. */
type Flat<T> = [keyof T] extends [never] ? Readonly<Record<string, never>> : { [K in keyof T]: T[K] };
/** No property at all. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- Added to other types, it adds nothing: just that is meant.
export type Nothing = Record<never, never>;

type Received<O, K extends string> =
  O extends Record<K, infer S>
    ? { readonly [P in K]: S extends RawBody ? AsyncIterable<Uint8Array> : OutputOf<S> }
    : Nothing;

/** What a handler is given of a request: each part that the operation declares, checked and with its types. */
export type RequestOf<O extends OperationDefinition> = Flat<
  Received<O, 'params'> & Received<O, 'query'> & Received<O, 'headers'> & Received<O, 'body'>
>;

type Sent<O, K extends string> =
  O extends Record<K, infer S>
    ? Nothing extends InputOf<S>
      ? { readonly [P in K]?: InputOf<S> | undefined }
      : { readonly [P in K]: InputOf<S> }
    : Nothing;

type SentBody<O> = O extends { readonly body: infer S }
  ? S extends RawBody
    ? { readonly body: Uint8Array | AsyncIterable<Uint8Array> }
    : undefined extends InputOf<S>
      ? { readonly body?: InputOf<S> }
      : { readonly body: InputOf<S> }
  : Nothing;

/** What a client is given to send: a part of which nothing is required may be left out. */
export type ClientRequestOf<O extends OperationDefinition> = Flat<
  Sent<O, 'params'> & Sent<O, 'query'> & Sent<O, 'headers'> & SentBody<O>
>;
