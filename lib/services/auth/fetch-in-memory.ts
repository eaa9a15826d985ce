import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { FetchedText } from '../../api/plugin-fetch.js';
import { fetchLimit, fetchTimeout } from './fetch-over-http.js';

/** What `handler` answers to a GET, without a connection. */
export function fetchInMemory(
  handler: RequestListener,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<FetchedText> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        if (length <= fetchLimit) chunks.push(chunk);
        done();
      },
    }) as Socket;
    const req = new IncomingMessage(socket);
    // What HTTP/1.0 is answered has no chunks: it is the head, an empty line, and the body.
    Object.assign(req, { method: 'GET', url: path, httpVersion: '1.0', httpVersionMajor: 1, httpVersionMinor: 0 });
    req.headers = { host: 'localhost', accept: 'application/json', ...headers };
    req.rawHeaders = Object.entries(req.headers).flat() as string[];
    req.complete = true;
    req.push(null);
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.assignSocket(socket);
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve({ status: res.statusCode, text: bodyOf(Buffer.concat(chunks)) });
    };
    const timer = setTimeout(() => end(new Error(`No answer within ${fetchTimeout} ms`)), fetchTimeout);
    socket.on('error', end).on('close', () => end(new Error('The answer was cut off')));
    res.on('finish', () => end(length > fetchLimit ? tooLong() : undefined));
    handler(req, res);
  });
}

function tooLong(): Error {
  return new Error(`The answer has more than ${fetchLimit} bytes`);
}

function bodyOf(answer: Buffer): string {
  return answer.subarray(answer.indexOf('\r\n\r\n') + 4).toString();
}
