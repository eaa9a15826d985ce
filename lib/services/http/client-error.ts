import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorText } from '../../api/error-text.js';
import { RequestIds } from './request-ids.js';

/** Answers what Node's parser did not accept as a request, so that there is no request to answer, and hangs up; with `headers`. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, headers: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  hangUp(socket, refusalOf(error), headers);
}

/** Answers with an error, and ends the connection. */
export function hangUp(socket: Duplex, refusal: Refusal, headers: string): void {
  const requestId = new RequestIds().next();
  const body = errorText(refusal, requestId);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n${headers}\r\n${body}`, () => socket.destroy());
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const tooManyHeaders: Refusal = Object.freeze({
  status: 431,
  code: 'headers_too_large',
  message: 'The headers are too large',
});

function refusalOf(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return tooManyHeaders;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, code: 'request_timeout', message: 'The request took too long to arrive' };
    default:
      return { status: 400, code: 'bad_request', message: 'The request is not valid HTTP' };
  }
}
