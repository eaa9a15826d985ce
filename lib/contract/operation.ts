import type { Allow } from './allow.js';
import type { RawBody } from './raw-body.js';
import type { Schema } from './schema.js';

export type OperationMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An error that an operation may answer with, by its code. */
export interface ErrorDeclaration {
  /** From 400 to 499. */
  readonly status: number;
  /** What the error tells besides its code and message. */
  readonly details?: Schema;
  readonly description?: string;
}

/** What one operation takes and gives. */
export interface OperationOptions {
  /** Who may call it. Default: a user or a service. */
  readonly allow?: Allow;
  readonly summary?: string;
  readonly description?: string;
  /** The `:name` segments of the path, each and nothing else. Text is turned into what the schema says, as a number. */
  readonly params?: Schema;
  /** The query. A name that is not declared is refused with 400. */
  readonly query?: Schema;
  /** Request headers, by their names in lower case. */
  readonly headers?: Schema;
  /** The JSON of the request's body, or raw bytes. Not with `get` and `del`. */
  readonly body?: Schema | RawBody;
  /** The JSON of the answer, projected onto the schema, or raw bytes. Without it the answer is 204. */
  readonly response?: Schema | RawBody;
  /** Instead of `response`, by their statuses: the JSON of each, or `null` where it has no body. */
  readonly responses?: Readonly<Record<number, Schema | null>>;
  /** Instead of `response`: the data of each server-sent event. */
  readonly stream?: Schema;
  /** The status of a good answer. Default: 200, or 204 without `response`. */
  readonly status?: number;
  /** By their codes, lower_snake. */
  readonly errors?: Readonly<Record<string, ErrorDeclaration>>;
  /** How long the answer may take, in ms. Default: `backend.server.handlerTimeout`, 60 s. */
  readonly timeout?: number;
  /** That calling it twice does what calling it once does, so that clients may try again. Default: by the method. */
  readonly idempotent?: boolean;
  /** How many bytes the request's body may have. Default: `backend.server.maxBodySize`, 1 MiB. */
  readonly maxBodySize?: number;
}

/** What an operation is called by. */
export interface OperationIdentity {
  readonly name: string;
  readonly pluginId: string;
  readonly method: OperationMethod;
  /** Relative to `/api/<pluginId>`, with `:name` for parameters. */
  readonly path: string;
}

/** One operation of a contract, as `defineApi` makes it. */
export interface OperationDefinition extends OperationIdentity, OperationOptions {}

/** An operation that was declared with the options `O`. */
export type OperationOf<O extends OperationOptions> = OperationIdentity & Readonly<O>;

/** An operation that has no name yet, as `get()` and its like give it to `defineApi`. */
export interface OperationDraft<O extends OperationOptions = OperationOptions> {
  readonly method: OperationMethod;
  readonly path: string;
  readonly options: O;
}

/** The status of a good answer, where there is one only. */
export function usualStatus({ response, stream, status }: OperationOptions): number {
  return status ?? (response || stream ? 200 : 204);
}

/** The statuses of good answers, and what each carries: `undefined` is nothing. */
export function responsesOf(options: OperationOptions): ReadonlyMap<number, Schema | RawBody | undefined> {
  const { response, responses } = options;
  if (!responses) return new Map([[usualStatus(options), response]]);
  return new Map(Object.entries(responses).map(([code, schema]) => [Number(code), schema ?? undefined]));
}
