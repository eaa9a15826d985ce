import type { OperationDefinition } from './operation.js';
import type { RawBody } from './raw-body.js';
import type { OutputOf } from './schema.js';

type OneOf<R> = {
  readonly [S in keyof R & number]: R[S] extends null
    ? { readonly status: S; readonly body?: undefined }
    : { readonly status: S; readonly body: OutputOf<R[S]> };
}[keyof R & number];

/**
 * What a handler gives, itself or as a promise, and what its client gets: the body of the answer; bytes for a raw one,
 * the events of a stream, `{ status, body }` where there are several responses.
 */
export type ResponseOf<O extends OperationDefinition> = O extends { readonly stream: infer S }
  ? AsyncIterable<OutputOf<S>>
  : O extends { readonly responses: infer R }
    ? OneOf<R>
    : O extends { readonly response: infer S }
      ? S extends RawBody
        ? AsyncIterable<Uint8Array>
        : OutputOf<S>
      : void;

/** Whether what the operation answers comes bit by bit: a stream of events, or raw bytes. */
export type Flows<O extends OperationDefinition> = O extends { readonly stream: unknown }
  ? true
  : O extends { readonly response: RawBody }
    ? true
    : false;

/** How a client gives back what an operation answers: what flows at once, to be read; anything else as a promise. */
export type ClientResponseOf<O extends OperationDefinition> =
  Flows<O> extends true ? ResponseOf<O> : Promise<ResponseOf<O>>;

/** The errors that an operation declares: code, status, and what each has for `details`. */
export type ErrorsOf<O extends OperationDefinition> = O extends { readonly errors: infer E }
  ? {
      readonly [C in keyof E & string]: {
        readonly code: C;
        readonly status: E[C] extends { readonly status: infer S } ? S : never;
        readonly details: E[C] extends { readonly details: infer S } ? OutputOf<S> : undefined;
      };
    }[keyof E & string]
  : never;
