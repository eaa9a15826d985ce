import { isErrorBody } from './error-body.js';
import type { OperationDefinition } from './operation.js';
import type { ErrorsOf } from './response-of.js';

/** What an error was told to be by whoever answered. */
export interface RemoteErrorOptions<Code extends string = string, Details = unknown> {
  readonly status: number;
  readonly code: Code;
  readonly message: string;
  readonly details?: Details | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

const remoteError: unique symbol = Symbol.for('backplane.remote-error') as never;

/**
 * What another plugin, or a backend, answered instead of what was asked for. Made from the JSON of the answer and
 * nothing else; ask `isRemoteError`, which also knows the errors that another copy of this package has made.
 */
export class RemoteError<Code extends string = string, Details = unknown> extends Error {
  override readonly name: string = 'RemoteError';
  /** The HTTP status of the answer. */
  readonly status: number;
  /** Declared by the operation, or the framework's own, as `plugin_unavailable`. `INVALID_ANSWER`: not one of ours. */
  readonly code: Code;
  readonly details: Details;
  /** Finds the request in the log of whoever answered. */
  readonly requestId: string | undefined;
  /** Seconds after which it wants to be asked again, if it has said so. */
  readonly retryAfter: number | undefined;
  readonly pluginId: string;
  /** The name of the operation. */
  readonly operation: string;

  constructor(
    { pluginId, name }: Pick<OperationDefinition, 'pluginId' | 'name'>,
    options: RemoteErrorOptions<Code, Details>,
  ) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.status = options.status;
    this.code = options.code;
    this.details = options.details as Details;
    this.requestId = options.requestId;
    this.retryAfter = options.retryAfter;
    this.pluginId = pluginId;
    this.operation = name;
    Object.defineProperty(this, remoteError, { value: true });
  }
}

/**
 * Whether `error` is what somebody else answered; with an operation, whether it is an answer to that; with one of the
 * codes that the operation declares, whether it is that error, and then its `details` have their type.
 *
 * @example
 * if (isRemoteError(error, catalogApi.getEntity, 'unknown_entity')) console.log(error.details.similar);
 */
export function isRemoteError(error: unknown, operation?: OperationDefinition): error is RemoteError;
export function isRemoteError<O extends OperationDefinition, const C extends ErrorsOf<O>['code']>(
  error: unknown,
  operation: O,
  code: C,
): error is RemoteError<C, Extract<ErrorsOf<O>, { readonly code: C }>['details']>;
export function isRemoteError(error: unknown, operation?: OperationDefinition, code?: string): boolean {
  if (typeof error !== 'object' || error === null || !Object.hasOwn(error, remoteError)) return false;
  const { pluginId, operation: name, code: told, status, details } = error as RemoteError;
  if (!operation) return true;
  if (pluginId !== operation.pluginId || name !== operation.name) return false;
  if (code === undefined) return true;
  const declared = operation.errors?.[code];
  // The framework answers with codes of its own, which an author may have declared as well, and knows no details of them.
  return told === code && status === declared?.status && (!declared.details || details !== undefined);
}

/** The error that an answer with `status` and this body, as parsed from JSON, tells of; `retryAfter` is in seconds. */
export function toldError(
  operation: OperationDefinition,
  status: number,
  body: unknown,
  retryAfter?: number,
): RemoteError {
  if (!isErrorBody(body)) return invalidAnswer(operation, status, 'without saying why');
  const { error, requestId } = body;
  return new RemoteError(operation, {
    status,
    code: error.code,
    message: error.message,
    details: error.details,
    requestId,
    retryAfter,
  });
}

/** The error that an answer is which is none that the contract knows. */
export function invalidAnswer(
  operation: OperationDefinition,
  status: number,
  how: string,
  cause?: unknown,
): RemoteError {
  const message = `Plugin '${operation.pluginId}' answered '${operation.name}' with ${status} ${how}`;
  return new RemoteError(operation, { status, code: 'INVALID_ANSWER', message, cause });
}
