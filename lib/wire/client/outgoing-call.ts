import type { WireRequest, WireResponse } from '../../api/wire-service.js';

/** One call, ready to be sent. */
export interface OutgoingCall {
  readonly request: WireRequest;
  /** All that is sent, by their names in lower case. */
  readonly headers: Record<string, string>;
  /** When the answer is too late, in ms since 1970. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  /** Twice does what once does. */
  readonly isIdempotent: boolean;
}

/** A way to get a call to a plugin and the answer back. */
export interface Transport {
  send(call: OutgoingCall): Promise<WireResponse>;
}
