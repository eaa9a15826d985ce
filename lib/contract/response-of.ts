import type { OperationDefinition } from './operation.js';
import type { RawBody } from './raw-body.js';
import type { OutputOf } from './schema.js';

type OneOf<R> = {
  readonly [S in keyof R & number]: R[S] extends null
    ? { readonly status: S; readonly body?: undefined }
    : { readonly status: S; readonly body: OutputOf<R[S]> };
}[keyof R & number];

/**
 * What a handler gives, itself or as a promise: the body of the answer; bytes for a raw one, at once or bit by bit, the
 * events of a stream, `{ status, body }` where there are several responses.
 */
export type ResponseOf<O extends OperationDefinition> = O extends { readonly stream: infer S }
  ? AsyncIterable<OutputOf<S>>
  : O extends { readonly responses: infer R }
    ? OneOf<R>
    : O extends { readonly response: infer S }
      ? S extends RawBody
        ? Uint8Array | AsyncIterable<Uint8Array>
        : OutputOf<S>
      : void;

/** What a client gives back: what comes bit by bit at once, to be read; anything else as a promise. */
export type ClientResponseOf<O extends OperationDefinition> = O extends { readonly stream: unknown }
  ? ResponseOf<O>
  : O extends { readonly response: RawBody }
    ? AsyncIterable<Uint8Array>
    : Promise<ResponseOf<O>>;

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
