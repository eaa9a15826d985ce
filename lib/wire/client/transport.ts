import type { OutgoingCall } from '../../api/root-wire-service.js';
import type { JsonBody, WireRequest, WireResponse } from '../../api/wire-service.js';

/** A call as a transport gets it. */
export interface SentCall<R = WireRequest> extends Pick<
  OutgoingCall,
  'operation' | 'signal' | 'isIdempotent' | 'takesJson'
> {
  readonly request: R;
  readonly callerId: string;
  /** All that are sent, by their names in lower case, but the time that is left. */
  readonly headers: Record<string, string>;
  /** When the answer is too late, in ms since 1970. */
  readonly deadline: number;
  /** Somebody else has shortened the deadline: that it passes is no failure of the target. */
  readonly isHurried: boolean;
  /** How many bytes of the answer are read as text. */
  readonly maxResponseSize: number;
}

/** A request of which everything is text or bytes. */
export interface WrittenRequest extends WireRequest {
  readonly body?: Exclude<WireRequest['body'], JsonBody>;
}

/** The request, with what it has as a value written as text. */
export function writtenRequest(request: WireRequest): WrittenRequest {
  const { body } = request;
  if (!isJsonBody(body)) return request as WrittenRequest;
  return { ...request, body: body.text };
}

export function isJsonBody(body: WireRequest['body']): body is JsonBody {
  return typeof body === 'object' && 'json' in body;
}

/** A way to get a call to a plugin and its answer back. */
export interface Transport<R = WireRequest> {
  /** Gives the answer once its head is there. */
  send(call: SentCall<R>): Promise<WireResponse>;
}

/** The headers of one attempt: with the ms that are left, rounded up. */
export function headersOf({ headers, deadline }: Pick<SentCall, 'headers' | 'deadline'>): Record<string, string> {
  headers['x-backplane-timeout'] = String(Math.max(1, Math.ceil(deadline - Date.now())));
  return headers;
}

/** What belongs to a connection, and says nothing to whoever is behind it. */
export function isOfConnection(name: string): boolean {
  return name === 'connection' || name === 'keep-alive' || name === 'transfer-encoding';
}
