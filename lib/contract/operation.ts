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
  /** The `:name` segments of the path. Text is turned into what the schema says, as a number. */
  readonly params?: Schema;
  /** The query. A name that is not declared is refused with 400. */
  readonly query?: Schema;
  /** Request headers, by their names in lower case. */
  readonly headers?: Schema;
  /** The JSON of the request's body, or raw bytes. */
  readonly body?: Schema | RawBody;
  /** The JSON of the answer, projected onto the schema, or raw bytes. Without it the answer is 204. */
  readonly response?: Schema | RawBody;
  /** The data of each server-sent event, instead of `response`. */
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

/** One operation of a contract. */
export interface OperationDefinition extends OperationOptions {
  readonly name: string;
  readonly pluginId: string;
  readonly method: OperationMethod;
  /** Relative to `/api/<pluginId>`, with `:name` for parameters. */
  readonly path: string;
}
