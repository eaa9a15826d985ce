import type { ServerResponse } from 'node:http';
import { Readable, Stream } from 'node:stream';
import { Outflow } from '../../util/outflow.js';

/** What a body is as a stream; nothing where it is none. */
export function streamOf(body: unknown): Readable | undefined {
  if (body instanceof Stream) return Symbol.asyncIterator in body ? (body as Readable) : undefined;
  if (body instanceof Blob) return Readable.from(body.stream());
  if (body instanceof ReadableStream) return Readable.from(body);
  if (body instanceof Response) return Readable.from(body.body ?? []);
  return undefined;
}

/**
 * Sends a stream as the body, at the pace of its reader. Rejects with what the stream, or the writing of it, failed with.
 *
 * Not a pipe: that ends the response when the stream fails, before anybody could answer with the error; and what it
 * cannot write, as an object, is an error that nobody catches.
 */
export async function sendStream(res: ServerResponse, body: Readable): Promise<void> {
  await using flow = new Outflow<string | Uint8Array>(res, body);
  await flow.writeRest();
}
