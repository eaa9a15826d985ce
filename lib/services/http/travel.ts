import type { IncomingMessage } from 'node:http';
import type { Credentials } from '../../api/credentials.js';
import { BadRequestError, HttpError } from '../../errors/http-error.js';

/** Version 00; an id of zeros is none. */
const wellFormedTrace = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** A day: a longer one says nothing, and is more than a timer can count. */
const longest = 86_400_000;

interface Travelled {
  readonly req: IncomingMessage;
  hops: number;
  waitedFor(timeout: number): void;
}

/**
 * How far it counts what a request says of the calls that have led to it: of a `service`, with everything that it
 * causes; of `nobody`, with the calls that are made on behalf of nobody; of an `outsider`, with nothing but its own answer.
 */
export type Standing = 'service' | 'nobody' | 'outsider';

/**
 * What others say of the calls that led to them is believed of services alone, and of what they send on somebody's behalf.
 * Anybody else could have the plugin's own work, which others may wait for as well, end early or go nowhere.
 *
 * A service that calls on behalf of nobody sends no token, so it cannot be told from others. What came with such a call
 * goes on with its like: plugins that call each other in a circle are stopped in any case.
 */
export function standingOf({ principal }: Credentials): Standing {
  if (principal.type === 'none') return 'nobody';
  return principal.type === 'service' || principal.actor ? 'service' : 'outsider';
}

/**
 * Takes over how long the caller waits, and how many calls have led here. For its own answer anybody may say so: a
 * deadline can only shorten what the server grants, as hanging up does, and too many hops are refused with 508. What
 * goes on from there is for `standingOf` to say.
 *
 * The other headers that are believed of anybody name the request (`x-request-id`) and its trace, and say nothing more.
 */
export function acceptTravel(exchange: Travelled, maxHops: number): void {
  const { 'x-backplane-timeout': timeout, 'x-backplane-hops': hops } = exchange.req.headers;
  if (hops !== undefined) exchange.hops = wholeNumber('x-backplane-hops', hops);
  if (exchange.hops > maxHops) {
    throw new HttpError(508, 'The call has gone through too many plugins', { code: 'loop_detected' });
  }
  if (timeout === undefined) return;
  const patience = wholeNumber('x-backplane-timeout', timeout);
  if (patience < longest) exchange.waitedFor(patience);
}

export function traceparentOf({ headers: { traceparent } }: IncomingMessage): string | undefined {
  return typeof traceparent === 'string' && wellFormedTrace.test(traceparent) ? traceparent : undefined;
}

export function tracestateOf({ headers: { tracestate } }: IncomingMessage): string | undefined {
  return typeof tracestate === 'string' && tracestate.length <= 512 ? tracestate : undefined;
}

function wholeNumber(name: string, value: string | string[]): number {
  if (typeof value === 'string' && /^\d{1,12}$/.test(value)) return Number(value);
  throw new BadRequestError(`The header ${name} is not a whole number`, { code: 'bad_header' });
}
