import type { Credentials, Principal } from './credentials.js';

/** What a handler knows of the request besides its content; passed on to a client it says on whose behalf that calls. */
export interface Call<P extends Principal = Principal> {
  readonly credentials: Credentials<P>;
  /** Aborted once nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** When the answer is too late, in ms since 1970; absent: whenever. */
  readonly deadline?: number;
  readonly requestId: string;
  /** By their names in lower case; credentials and cookies are not among them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** How a client calls: on behalf of the caller of a handler, or said explicitly, as the plugin itself. */
export type CallOptions = Call | OwnCall;

/** A call as the plugin itself. */
export interface OwnCall {
  readonly credentials: 'own';
  readonly signal?: AbortSignal;
  /** How long the answer may take, in ms; never longer than the request that is being answered may. */
  readonly timeout?: number;
}
