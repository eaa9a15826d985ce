import type { IncomingMessage, ServerResponse } from 'node:http';
import { PayloadTooLargeError } from '../../errors/http-error.js';

/**
 * The whole body of a request. Rejects with 413 once it is longer than `limit`, and with what ends its transfer early;
 * the connection then ends with the answer.
 */
export function collectBytes(req: IncomingMessage, res: ServerResponse, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let others: Buffer[] | undefined;
    let length = 0;
    const fail = (error: unknown): void => {
      first = others = undefined;
      if (!res.headersSent) res.shouldKeepAlive = false;
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limit) {
        // What still comes is passed over until the connection ends.
        req.off('data', take).resume();
        fail(new PayloadTooLargeError());
      } else if (!first) first = chunk;
      else (others ??= [first]).push(chunk);
    };
    req.on('data', take);
    req.on('end', () => resolve(others ? Buffer.concat(others, length) : (first ?? Buffer.alloc(0))));
    req.on('error', fail);
    req.on('close', () => {
      if (!req.readableEnded) fail(new Error('The request ended before its body'));
    });
  });
}
