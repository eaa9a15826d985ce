import type { EventRecord } from './event-transport.js';

/** How many bytes an event takes in memory, about: all that its publisher chose, since any of it may be what is large. */
export function sizeOf({ payload, ...about }: EventRecord): number {
  return Buffer.byteLength(payload) + Buffer.byteLength(JSON.stringify(about));
}
