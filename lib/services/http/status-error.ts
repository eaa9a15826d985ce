import { STATUS_CODES } from 'node:http';
import { HttpError } from '../../errors/http-error.js';

/** The error for a status: its standard phrase is the message and, in snake case, the code. */
export function statusError(
  status: number,
  { message, headers }: { readonly message?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): HttpError {
  const phrase = STATUS_CODES[status] ?? 'Error';
  const code = phrase.toLowerCase().replaceAll(/[^a-z]+/g, '_');
  return new HttpError(status, message || phrase, { code, headers });
}
