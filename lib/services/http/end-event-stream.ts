import type { Exchange } from './exchange.js';

/**
 * Ends a response that would go on for ever: an event stream, whose reader is told to come back after `retry` ms, or a
 * connection that was upgraded. Leaves every other response alone.
 */
export function endEventStream({ res, contentType }: Exchange, retry: number): void {
  if (!res.headersSent || res.writableEnded) return;
  // In memory nobody notes what the head says, which can be read there.
  const type = contentType ?? res.getHeader('content-type');
  if (res.statusCode === 101) {
    res.socket?.end();
  } else if (/^text\/event-stream\b/i.test(String(type))) {
    // Without the empty line after it: half an event that was written before must not count as a whole one.
    if (!res.hasHeader('content-encoding')) res.write(`retry: ${retry}\n`);
    res.end();
  }
}
