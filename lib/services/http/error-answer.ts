import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { PluginRequest } from '../../api/http-services.js';
import type { Logger } from '../../api/logger-service.js';
import { dependencyError } from '../../api/dependency-error.js';
import { errorText, internalServerError } from '../../api/error-text.js';
import { HttpError } from '../../errors/http-error.js';

export type ErrorReporter = (error: unknown, request?: PluginRequest) => void;

/** Tells `logger` what the caller is not told. */
export function reportTo(logger: Logger): ErrorReporter {
  return (error, request) => {
    if (!request) return logger.error('Middleware failed', { error });
    const { req, res, requestId, target } = request;
    const callerHasGone = request.isGivenUp || (res.destroyed && !res.writableEnded && !res.errored);
    // Without the query, which may hold a secret.
    const [path] = target.split('?', 1);
    logger[callerHasGone ? 'debug' : 'error']('A request failed', { requestId, method: req.method, path, error });
  };
}

/**
 * Answers a request that failed with `error`, whatever that is.
 *
 * An `HttpError` says what the caller is told. Of anything else, which may be a string or may throw when it is looked
 * at, the caller learns the request id and no more.
 */
export function answerError(request: PluginRequest, error: unknown, report: ErrorReporter): void {
  const { res, requestId } = request;
  const deliberate = HttpError.is(error) ? error : dependencyError(error);
  if (!deliberate || deliberate.cause !== undefined) report(error, request);
  if (res.writableEnded) return;
  if (res.headersSent) cut(res);
  else sendError(res, requestId, deliberate ?? internalServerError);
}

/** Ends a response that cannot be completed such that its reader cannot take what came for all there is. */
export function cut(res: ServerResponse): void {
  // Only a reset says so in every framing: a response without a length ends with the connection.
  const socket = res.socket as TLSSocket | null;
  // Node resets no connection of TLS, and the system none that is being ended; to end it without a word is the most there is.
  if (socket && 'resetAndDestroy' in socket && !socket.encrypted && !socket.writableEnded) socket.resetAndDestroy();
  else res.destroy();
}

/** Without these a browser keeps the answer from the page that asked. */
const kept = /^(?:vary|access-control-.*)$/;

function sendError(res: ServerResponse, requestId: string, error: HttpError): void {
  // What the failed handler said about its own answer, as an encoding or a cookie, is not true of this one.
  for (const name of res.getHeaderNames()) if (!kept.test(name)) res.removeHeader(name);
  const body = errorText(error, requestId);
  // To nobody it would be an error not to have sent it.
  res.strictContentLength = false;
  const headers = [
    'Content-Type',
    'application/json; charset=utf-8',
    'Content-Length',
    Buffer.byteLength(body),
    'Cache-Control',
    'no-store',
  ];
  for (const name of Object.keys(error.headers)) headers.push(name, error.headers[name]!);
  res.writeHead(error.status, STATUS_CODES[error.status] ?? 'Error', headers);
  res.end(body);
}
