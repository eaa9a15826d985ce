import type { IncomingMessage } from 'node:http';
import { PayloadTooLargeError } from '../../errors/http-error.js';

/** The whole body of a request. Rejects with 413 once it is longer than `limit`, and with what ends its transfer early. */
export function collectBytes(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let others: Buffer[] | undefined;
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        // What still comes is passed over until the connection ends.
        first = others = undefined;
        req.removeAllListeners('data').resume();
        reject(new PayloadTooLargeError());
      } else if (!first) first = chunk;
      else (others ??= [first]).push(chunk);
    });
    req.on('end', () => resolve(others ? Buffer.concat(others, length) : (first ?? Buffer.alloc(0))));
    req.on('error', reject);
    req.on('close', () => {
      if (!req.readableEnded) reject(new Error('The request ended before its body'));
    });
  });
}
