import type { OperationDefinition } from './operation.js';
import { isRawBody } from './raw-body.js';

/** Whether what an operation answers comes bit by bit: a stream of events, or raw bytes. */
export function flows({ stream, response }: OperationDefinition): boolean {
  return stream !== undefined || isRawBody(response);
}

/**
 * What a client gives back of a call: of what flows something to read, and the call is made once somebody reads it, so
 * that nothing stays open unread; else the promise itself.
 */
export function clientAnswer(
  operation: OperationDefinition,
  call: () => Promise<unknown>,
): Promise<unknown> | AsyncIterable<unknown> {
  return flows(operation) ? readLater(call) : call();
}

async function* readLater(call: () => Promise<unknown>): AsyncGenerator<unknown, void, undefined> {
  yield* (await call()) as AsyncIterable<unknown>;
}
