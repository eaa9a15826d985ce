import type { IncomingMessage, ServerResponse } from 'node:http';
import { PayloadTooLargeError } from '../../errors/http-error.js';

/**
 * Gives the whole body of a request to `use`, in the asynchronous context of this call: at once where all of it has come,
 * without a promise. Fails with 413 once it is longer than `limit`, and with what ends its transfer early; the connection
 * then ends with the answer.
 */
export function collectBytes<R>(
  req: IncomingMessage,
  res: ServerResponse,
  limit: number,
  use: (bytes: Buffer) => R | Promise<R>,
): R | Promise<R> {
  const whole = arrived(req);
  if (!whole) return collect(req, res, limit).then(use);
  if (whole.length <= limit) return use(whole);
  res.shouldKeepAlive = false;
  throw new PayloadTooLargeError();
}

/** All of the body, where that is there and nobody has read of it yet. */
function arrived(req: IncomingMessage): Buffer | undefined {
  if (req.readableFlowing !== null || req.readableDidRead) return undefined;
  if (Number(req.headers['content-length']) !== req.readableLength) return undefined;
  const bytes = req.read() as Buffer | null;
  // Only its end is still to come, which nobody else waits for.
  req.resume();
  return bytes ?? Buffer.alloc(0);
}

function collect(req: IncomingMessage, res: ServerResponse, limit: number): Promise<Buffer> {
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
