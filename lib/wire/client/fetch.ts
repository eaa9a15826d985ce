import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { WireRequest, WireResponse, WireService } from '../../api/wire-service.js';
import { isPlainId } from '../../contract/plain-id.js';
import { isReservedHeader } from '../../contract/reserved-headers.js';
import { streamOf } from '../../contract/stream-of.js';

export type WireFetchInit = Parameters<WireService['fetch']>[1];

/** Those that the sender of a body knows, and that `fetch` therefore lets one set. */
const settable: ReadonlySet<string> = new Set(['accept', 'content-type', 'content-encoding']);

/** What HTTP takes for something else, as `CONNECT`, and what is no method, would be sent in memory alone. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * What the parsing of a URL takes away: a segment that leads elsewhere, and characters between which one can hide. Who
 * puts a text of a caller's into a path would ask for something else.
 */
const vanishing = /[\t\n\r]|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** What `fetch` means on the wire. Throws a `TypeError` for what it cannot mean, as `fetch` does. */
export async function fetchRequest(url: string | URL, init: WireFetchInit): Promise<WireRequest> {
  const { pluginId, path } = placeOf(url);
  const method = methodOf(init.method);
  const headers = headersOf(init);
  const { body, type } = await bodyOf(init.body);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`A request with method ${method} has no body`);
  }
  if (type !== undefined) headers['content-type'] ??= type;
  return { pluginId, method, path, headers, ...(body !== undefined && { body }) };
}

/** As `fetch` gives it; what is encoded, as by gzip, is given as it came. */
export function fetchResponse(method: string, response: WireResponse): Response {
  const { status, headers } = response;
  const received = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) received.append(name, one);
  }
  const isEmpty = method === 'HEAD' || status === 204 || status === 205 || status === 304;
  if (isEmpty) response.cancel();
  return new Response(isEmpty ? null : streamOf(response.body), { status, headers: received });
}

function methodOf(asked: unknown = 'GET'): string {
  const method = typeof asked === 'string' ? asked.toUpperCase() : '';
  if (methods.has(method)) return method;
  throw new TypeError(`A plugin is not asked with the method '${String(asked)}'`);
}

function placeOf(url: string | URL): { readonly pluginId: string; readonly path: string } {
  const text = String(url);
  const place = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    place?.protocol === 'plugin:' && place.host === place.hostname && place.username === '' && place.password === '';
  if (!place || !isPlain || vanishing.test(text.split(/[?#]/, 1)[0]!) || !isPlainId(place.hostname)) {
    throw new TypeError(`'${text}' is not the URL of a plugin; write it as 'plugin://catalog/entities?limit=10'`);
  }
  return { pluginId: place.hostname, path: (place.pathname || '/') + place.search };
}

function headersOf({ headers }: WireFetchInit): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of new Headers(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (isReservedHeader(name) && !settable.has(name)) throw new TypeError(`The wire sets the header '${name}' itself`);
    sent[name] = value;
  }
  return sent;
}

async function bodyOf(
  body: WireFetchInit['body'],
): Promise<{ readonly body?: WireRequest['body']; readonly type?: string }> {
  if (body === undefined || body === null) return {};
  if (typeof body === 'string') return { body, type: 'text/plain;charset=UTF-8' };
  if (body instanceof Uint8Array) return { body };
  if (body instanceof ReadableStream) return { body: body as AsyncIterable<Uint8Array> };
  const whole = new Response(body);
  const type = whole.headers.get('content-type');
  return { body: new Uint8Array(await whole.arrayBuffer()), ...(type !== null && { type }) };
}
