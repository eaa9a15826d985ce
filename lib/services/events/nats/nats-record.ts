import { flawOf } from '../event-flaw.js';
import type { DeadRecord, EventRecord } from '../event-transport.js';

/** One line of JSON about the event, and its payload as it is: JSON within JSON would be longer by each quote. */
export function encodeEvent({ payload, ...about }: EventRecord): string {
  return `${JSON.stringify(about)}\n${payload}`;
}

/** `undefined` for what is no event: other programs may publish to the same subjects. */
export function decodeEvent(text: string): EventRecord | undefined {
  return decode(text)?.event;
}

export function encodeDead({ event, ...about }: DeadRecord): string {
  const { payload, ...rest } = event;
  return `${JSON.stringify({ ...rest, dead: about })}\n${payload}`;
}

export function decodeDead(text: string): DeadRecord | undefined {
  const found = decode(text);
  return found?.dead && { event: found.event, ...found.dead };
}

type Dead = Omit<DeadRecord, 'event'>;

function decode(text: string): { readonly event: EventRecord; readonly dead: Dead | undefined } | undefined {
  const end = text.indexOf('\n');
  if (end === -1) return undefined;
  try {
    const { dead, ...about } = JSON.parse(text.slice(0, end)) as Omit<EventRecord, 'payload'> & { dead?: Dead };
    const event = { ...about, payload: text.slice(end + 1) };
    return flawOf(event) === undefined ? { event, dead } : undefined;
  } catch {
    return undefined;
  }
}
