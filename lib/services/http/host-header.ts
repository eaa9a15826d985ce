import type { IncomingMessage } from 'node:http';
import { BadRequestError } from '../../errors/http-error.js';

const wellFormed = /^(?:[\w\-.]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

export function isWellFormedHost(host: string): boolean {
  return wellFormed.test(host);
}

/** Refuses a request that names more than one host, none, or one with a user name: whoever reads it next sees another. */
export function checkHost(req: IncomingMessage): void {
  const { host } = req.headers;
  const missing = host === undefined && req.httpVersionMinor === 0 && req.httpVersionMajor === 1;
  if (missing || (host !== undefined && wellFormed.test(host) && countOf(req.rawHeaders) === 1)) return;
  throw new BadRequestError('The Host header is not valid', { code: 'bad_host' });
}

function countOf(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}
