import { BadRequestError, HttpError } from '../../errors/http-error.js';
import type { Exchange } from './exchange.js';

/** A day: a longer one says nothing, and is more than a timer can count. */
const longest = 86_400_000;

/**
 * Takes over how long the caller waits, and how many calls have led here. Anybody may say so: a deadline can only
 * shorten what the server grants, and too many hops are refused with 508.
 */
export function acceptTravel(exchange: Exchange, maxHops: number): void {
  const { 'x-backplane-timeout': timeout, 'x-backplane-hops': hops } = exchange.req.headers;
  if (hops !== undefined) exchange.hops = wholeNumber('x-backplane-hops', hops);
  if (exchange.hops > maxHops) {
    throw new HttpError(508, 'The call has gone through too many plugins', { code: 'loop_detected' });
  }
  if (timeout === undefined) return;
  const patience = wholeNumber('x-backplane-timeout', timeout);
  if (patience < longest) exchange.waitedFor(patience);
}

function wholeNumber(name: string, value: string | string[]): number {
  if (typeof value === 'string' && /^\d{1,12}$/.test(value)) return Number(value);
  throw new BadRequestError(`The header ${name} is not a whole number`, { code: 'bad_header' });
}
