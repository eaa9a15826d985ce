import type { OutgoingCall } from '../../api/root-wire-service.js';

/**
 * Adds to the headers of a request who calls, and what travels on from the request being answered. The request is of
 * this call alone, so its headers need not be copied. How long `body` is nobody knows before it is text.
 */
export function addTravelHeaders(
  { request, token, within, requestId }: OutgoingCall,
  body = request.body,
): Record<string, string> {
  const headers = request.headers as Record<string, string>;
  headers['host'] = 'localhost';
  headers['accept-encoding'] ??= 'identity';
  headers['x-backplane-hops'] = String((within?.hopsFor(token === undefined) ?? 0) + 1);
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  const id = requestId ?? within?.requestId;
  if (id !== undefined) headers['x-request-id'] = id;
  if (body !== undefined) addFraming(headers, body);
  // As it came where nobody traces: a span that nobody records would be the parent of others.
  const traceparent = within?.traceparent;
  if (traceparent === undefined) return headers;
  headers['traceparent'] = traceparent;
  const tracestate = within?.tracestate;
  if (tracestate !== undefined) headers['tracestate'] = tracestate;
  return headers;
}

function addFraming(headers: Record<string, string>, body: NonNullable<OutgoingCall['request']['body']>): void {
  if (typeof body === 'string') headers['content-length'] = String(Buffer.byteLength(body));
  else if (body instanceof Uint8Array) headers['content-length'] = String(body.length);
  else headers['transfer-encoding'] = 'chunked';
}
