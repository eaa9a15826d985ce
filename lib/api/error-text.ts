import type { ErrorBody } from '../contract/error-body.js';
import { HttpError } from '../errors/http-error.js';

/** What the caller learns of a failure that is nobody else's business. */
export const internalServerError = new HttpError(500, 'Internal Server Error', { code: 'internal_server_error' });

/** The body of an answer that is no success, as text; without `details` that cannot be written as JSON. */
export function errorText(
  { code, message, details }: Pick<HttpError, 'code' | 'message'> & Partial<Pick<HttpError, 'details'>>,
  requestId: string,
): string {
  try {
    return textOf({ error: { code, message, details }, requestId });
  } catch {
    return textOf({ error: { code, message }, requestId });
  }
}

function textOf(body: ErrorBody): string {
  return JSON.stringify(body);
}
