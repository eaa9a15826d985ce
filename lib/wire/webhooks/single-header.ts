import type { IncomingMessage } from 'node:http';
import { badHeader } from './webhook-errors.js';

/**
 * The value of a header that decides something; `undefined` where it is absent or empty. Throws 400 where it comes
 * twice: two programs on the way would each believe another one.
 */
export function singleHeader({ headers, rawHeaders }: IncomingMessage, name: string): string | undefined {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.toLowerCase() === name && ++count > 1) throw badHeader(name, 'comes more than once');
  }
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The bytes of a header as they came: Node reads each as one character. */
export function headerBytes(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}
