import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';

/** What `writeHead()` takes. */
export type HeadersArgument = OutgoingHttpHeaders | readonly OutgoingHttpHeader[] | undefined;

/** What is said of an answer by the headers that decide about the rest of them. */
export class HeaderFacts {
  contentType: string | undefined;
  contentLength: number | undefined;
  cacheControl: string | undefined;
  contentEncoding: string | undefined;
  contentRange = false;
  isAttachment = false;
  /** A header that security headers would say as well, which the author has said otherwise. */
  overrides = false;
  etag: string | undefined;

  read(name: string, value: unknown): void {
    switch (kinds.get(name) ?? kinds.get(name.toLowerCase())) {
      case undefined:
        return;
      case 'content-type':
        this.contentType = String(value);
        return;
      case 'content-length':
        this.contentLength = Number(value);
        return;
      case 'cache-control':
        this.cacheControl = String(value);
        return;
      case 'content-encoding':
        this.contentEncoding = String(value);
        return;
      case 'content-range':
        this.contentRange = true;
        return;
      case 'content-disposition':
        this.isAttachment = /^\s*attachment\b/i.test(String(value));
        return;
      case 'etag':
        this.etag = String(value);
        return;
      case 'security':
        this.overrides = true;
    }
  }

  /** Of what `writeHead()` is given. */
  readAll(headers: HeadersArgument): void {
    if (isList(headers)) {
      if (Array.isArray(headers[0])) for (const pair of headers) this.read(...(pair as [string, string]));
      else for (let i = 0; i < headers.length; i += 2) this.read(headers[i] as string, headers[i + 1]);
    } else if (headers) {
      for (const name of Object.keys(headers)) this.read(name, headers[name]);
    }
  }
}

export function isList(headers: HeadersArgument): headers is readonly OutgoingHttpHeader[] {
  return Array.isArray(headers);
}

type Kind =
  | 'content-type'
  | 'content-length'
  | 'cache-control'
  | 'content-encoding'
  | 'content-range'
  | 'content-disposition'
  | 'etag'
  | 'security';

const security = [
  'Content-Security-Policy', 'Content-Security-Policy-Report-Only', 'Referrer-Policy', 'Strict-Transport-Security',
  'X-Content-Type-Options', 'X-DNS-Prefetch-Control', 'X-Download-Options', 'X-Frame-Options',
  'X-Permitted-Cross-Domain-Policies', 'X-XSS-Protection', 'X-Request-Id',
]; // prettier-ignore

const told = [
  'Content-Type', 'Content-Length', 'Cache-Control', 'Content-Encoding', 'Content-Range', 'Content-Disposition', 'ETag',
]; // prettier-ignore

/** By their names as most people write them, which saves nearly everybody the making of another string. */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ...told.flatMap(name => [name, name.toLowerCase()].map(key => [key, name.toLowerCase() as Kind] as const)),
  ...security.flatMap(name => [name, name.toLowerCase()].map(key => [key, 'security'] as const)),
]);
