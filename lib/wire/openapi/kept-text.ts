import { createHash } from 'node:crypto';
import type { PluginRequest } from '../../api/http-services.js';
import { MethodNotAllowedError } from '../../errors/http-error.js';

/** Something that is sent as it is to whoever does not have it yet. */
export class KeptText {
  readonly #bytes: Buffer;
  readonly #etag: string;

  constructor(
    text: string,
    readonly contentType: string,
  ) {
    this.#bytes = Buffer.from(text);
    this.#etag = `"${createHash('sha256').update(this.#bytes).digest('base64url').slice(0, 27)}"`;
  }

  send({ req, res }: PluginRequest, headers: Readonly<Record<string, string>>): void {
    const kept = { ...headers, ETag: this.#etag, 'X-Content-Type-Options': 'nosniff' };
    if (this.#isKnown(req.headers['if-none-match'])) {
      res.writeHead(304, kept).end();
      return;
    }
    res.writeHead(200, {
      ...kept,
      'Content-Type': this.contentType,
      'Content-Length': this.#bytes.length,
    });
    res.end(req.method === 'HEAD' ? undefined : this.#bytes);
  }

  #isKnown(condition: string | undefined): boolean {
    if (condition === undefined) return false;
    const tags = condition.split(',').map(tag => tag.trim().replace(/^W\//, ''));
    return tags.includes('*') || tags.includes(this.#etag);
  }
}

/** Throws 405 for whoever wants to do more than to read. */
export function refuseWriting({ req }: PluginRequest): void {
  if (req.method !== 'GET' && req.method !== 'HEAD') throw new MethodNotAllowedError(['GET', 'HEAD']);
}
