import type { IncomingMessage, ServerResponse } from 'node:http';
import { BadRequestError, HttpError } from '../../errors/http-error.js';

const wellFormed = /^(?:[\w\-.]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

export function isWellFormedHost(host: string): boolean {
  return wellFormed.test(host);
}

/**
 * Refuses a body that others on the way may see end elsewhere: Node takes any list of codings that ends with `chunked`,
 * an empty one, and one of HTTP/1.0, which knows none. The connection ends with the answer.
 */
export function checkFraming({ headers, httpVersionMinor }: IncomingMessage, res: ServerResponse): void {
  const coding = headers['transfer-encoding'];
  if (coding === undefined || (coding.toLowerCase() === 'chunked' && httpVersionMinor > 0)) return;
  res.shouldKeepAlive = false;
  throw new BadRequestError('The transfer coding is not supported', { code: 'bad_header' });
}

/**
 * Refuses a request that names more than one host, none, or one with a user name, and one that says twice who asks or
 * what its body is: whoever reads it next sees another. So does who knows the version that it claims to be of.
 */
export function checkHead(req: IncomingMessage, maxHeaders: number): void {
  if (hasTooManyHeaders(req, maxHeaders)) {
    throw new HttpError(431, 'The headers are too large', { code: 'headers_too_large' });
  }
  if (req.httpVersionMajor !== 1) {
    throw new BadRequestError('The version of HTTP is not supported', { code: 'bad_version' });
  }
  const { host } = req.headers;
  const hosts = countOfSingular(req.rawHeaders);
  const missing = host === undefined && req.httpVersionMinor === 0;
  if (missing || (host !== undefined && wellFormed.test(host) && hosts === 1)) return;
  throw new BadRequestError('The Host header is not valid', { code: 'bad_host' });
}

/**
 * Whether there are more than `maxHeaders`, of which `0` stands for any number. Node leaves the rest of them away, and
 * thus maybe the one that says how long the body is.
 */
export function hasTooManyHeaders({ rawHeaders }: IncomingMessage, maxHeaders: number): boolean {
  return maxHeaders > 0 && rawHeaders.length > 2 * maxHeaders;
}

/** How many hosts are named; throws for another header that says twice what can be said once. */
function countOfSingular(rawHeaders: readonly string[]): number {
  let hosts = 0;
  let tokens = 0;
  let types = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // Most names are told by their lengths, and none of them is made anew.
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
    else if (name.length === 12 && name.toLowerCase() === 'content-type') types++;
    else if (name.length === 13 && name.toLowerCase() === 'authorization') tokens++;
  }
  if (types <= 1 && tokens <= 1) return hosts;
  throw new BadRequestError('A header is there twice that says one thing', { code: 'bad_header' });
}
