import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { PluginRequest } from '../../api/http-services.js';
import { BadRequestError, PayloadTooLargeError, UnsupportedMediaTypeError } from '../../errors/http-error.js';
import { invalidRequest } from './broken-rules.js';
import { collectBytes } from './collect-bytes.js';
import type { AcceptsType } from './media-type.js';

export interface BodyLimits {
  /** In bytes, as sent and as unpacked. */
  readonly maxSize: number;
  /** Whether it may come as gzip. */
  readonly gzip: boolean;
}

type Exchanged = Pick<PluginRequest, 'req' | 'res' | 'continue'>;

/** Whether something follows the headers. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * Refuses a body that nobody has declared. One that is passed over is how two programs on the way come to disagree on
 * where a request ends.
 */
export function refuseBody({ req, res }: Exchanged): void {
  if (!hasBody(req)) return;
  res.shouldKeepAlive = false;
  throw invalidRequest([{ pointer: '/body', rule: 'undeclared' }]);
}

/**
 * Looks at what the headers say of the body, before a byte of it is read, and then asks for it. Throws 415 and 413; the
 * connection ends with these, since the body is still on its way.
 */
export function admitBody(exchanged: Exchanged, accepts: AcceptsType, { maxSize, gzip }: BodyLimits): void {
  const { req, res } = exchanged;
  const { headers } = req;
  const encoding = headers['content-encoding'];
  const refusal =
    !accepts(headers['content-type']) ||
    (encoding !== undefined && encoding !== 'identity' && !(gzip && encoding === 'gzip'))
      ? new UnsupportedMediaTypeError()
      : Number(headers['content-length'] ?? 0) > maxSize
        ? new PayloadTooLargeError()
        : undefined;
  if (refusal) {
    if (hasBody(req)) res.shouldKeepAlive = false;
    throw refusal;
  }
  exchanged.continue();
}

/** Gives the bytes of a body that was admitted to `use`, unpacked. */
export function readBytes<R>(
  { req, res }: Exchanged,
  { maxSize }: BodyLimits,
  use: (bytes: Buffer) => R | Promise<R>,
): R | Promise<R> {
  const isPacked = req.headers['content-encoding'] === 'gzip';
  return collectBytes(req, res, maxSize, isPacked ? packed => unpack(packed, maxSize).then(use) : use);
}

/** The bytes of a body that was admitted, as they come: at most as many as are allowed, or an error with 413. */
export async function* passBytes({ req }: Exchanged, { maxSize }: BodyLimits): AsyncGenerator<Uint8Array, void> {
  let length = 0;
  // Whoever stops reading still wants to answer, for which the connection is needed.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxSize) throw new PayloadTooLargeError();
    yield chunk;
  }
}

const unzip = promisify(gunzip) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

async function unpack(bytes: Buffer, maxSize: number): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: maxSize });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new PayloadTooLargeError();
    throw new BadRequestError('The body is not encoded as it says', { code: 'bad_encoding' });
  }
}
