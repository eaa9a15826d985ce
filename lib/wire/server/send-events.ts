import type { ServerResponse } from 'node:http';
import { encodeErrorEvent, encodeEvent } from '../../contract/event-stream.js';
import { Outflow } from '../../util/outflow.js';

/** How long the headers wait for the first event, which may turn out to be an error, in ms. */
const patience = 250;

/** How often a comment is sent where nothing else is, so that nobody on the way takes the connection for dead, in ms. */
const heartbeat = 15_000;

const headers = [
  'Content-Type',
  'text/event-stream; charset=utf-8',
  'Cache-Control',
  'no-store',
  'X-Accel-Buffering',
  'no',
];

/** How events, and the error that ends them, are written. */
export interface EventTexts {
  readonly jsonOf: (event: unknown) => string;
  readonly errorTextOf: (error: unknown) => string;
}

/**
 * Sends server-sent events as they come. What fails before the first of them, or before the headers have gone, is
 * answered as an error is; what fails later is the last event, and thrown for the log.
 */
export async function sendEvents(
  res: ServerResponse,
  status: number,
  events: AsyncIterable<unknown>,
  { jsonOf, errorTextOf }: EventTexts,
): Promise<void> {
  await using flow = new Outflow(res, events);
  const begin = () => {
    if (res.headersSent || flow.isOver) return;
    res.writeHead(status, headers);
    res.flushHeaders();
  };
  const patient = setTimeout(begin, patience);
  const beating = setInterval(() => {
    if (res.headersSent && !flow.isOver && !res.writableNeedDrain) res.write(':\n\n');
  }, heartbeat);
  try {
    for (let event = await flow.next(); !event.done; event = await flow.next()) {
      const text = encodeEvent(jsonOf(event.value));
      begin();
      if (!flow.isOver) await flow.write(text);
    }
    begin();
    if (!flow.isOver) res.end();
  } catch (error) {
    if (res.headersSent && !flow.isOver) res.end(encodeErrorEvent(errorTextOf(error)));
    throw error;
  } finally {
    clearTimeout(patient);
    clearInterval(beating);
  }
}

/** The headers alone, for `HEAD`. */
export function sendEventHead(res: ServerResponse, status: number): void {
  res.writeHead(status, headers);
  res.end();
}
