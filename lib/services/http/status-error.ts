import { STATUS_CODES } from 'node:http';
import { HttpError, NotFoundError } from '../../errors/http-error.js';

/** Throws for a status that only announces an answer: as the last word it would leave the caller waiting for one. */
export function assertFinal(status: number): void {
  if (status < 200) throw new RangeError(`A handler answered with status ${status}, which is not a final one`);
}

/** The error for a status: its standard phrase is the message and, in snake case, the code. */
export function statusError(
  status: number,
  { message, headers }: { readonly message?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): HttpError {
  const phrase = STATUS_CODES[status] ?? 'Error';
  const code = phrase.toLowerCase().replaceAll(/[^a-z]+/g, '_');
  // One text, whoever has not found it.
  const usual = status === 404 ? new NotFoundError().message : phrase;
  return new HttpError(status, message || usual, { code, headers });
}

/**
 * What Koa's middleware throws to refuse a request, as our error with the standard phrase; anything else as it is.
 *
 * That is an error of the package http-errors, which has a class for each status, or the one of a parser of JSON. A
 * status that an error has for itself is not enough: clients of other servers put theirs there.
 */
export function errorOfMiddleware(error: unknown): unknown {
  if (!(error instanceof Error) || HttpError.is(error)) return error;
  const { status, expose, body } = error as { status?: unknown; expose?: unknown; body?: unknown };
  const hasClass = expose === true && !Object.hasOwn(error, 'status');
  const isOfParser = error instanceof SyntaxError && status === 400 && typeof body === 'string';
  const isRefusal = typeof status === 'number' && status >= 400 && status <= 499 && (hasClass || isOfParser);
  return isRefusal ? statusError(status) : error;
}
