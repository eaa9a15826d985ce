import { BackplaneError } from '../../errors/backplane-error.js';
import { pause } from '../../util/pause.js';
import type { HttpServer } from './http-server.js';
import type { OpenExchanges } from './open-exchanges.js';

/** How long connections on which nothing is going on are kept, in ms: a request may be on its way to us. */
const silence = 100;
/** How long a connection may then take to end, in ms: one may have begun to send a request. */
const lastCall = 1_000;

/**
 * Ends the server such that no request is lost: says on every answer that the connection ends, goes on accepting for
 * `delay` ms until balancers know, and then waits up to `timeout` ms for the last byte of the last answer.
 *
 * What is still open then is reset, and named by a `BackplaneError` with code `DRAIN_TIMEOUT`. Once `hurry` aborts,
 * nothing is waited for.
 */
export async function stopGracefully(
  server: HttpServer | undefined,
  open: OpenExchanges,
  { delay, timeout }: { readonly delay: number; readonly timeout: number },
  hurry: AbortSignal,
): Promise<void> {
  const retry = delay + 1_000;
  open.announceClosing(retry);
  await pause(delay, hurry);
  await server?.acceptQueued();
  // Of the streams that were begun meanwhile.
  open.announceClosing(retry);
  // Asked for, it refuses new connections.
  void server?.closed;
  const inTime = new AbortController();
  const expired = pause(timeout, AbortSignal.any([hurry, inTime.signal]));
  await Promise.race([drained(server, open, inTime.signal), expired]);
  inTime.abort();
  const cut = open.cut();
  await server?.close();
  if (cut.size > 0) throw drainTimeout(cut, timeout);
}

/** Also ends, with requests open, once `given` aborts: then nobody waits for it any more. */
async function drained(server: HttpServer | undefined, open: OpenExchanges, given: AbortSignal): Promise<void> {
  do {
    await open.empty();
    if (!server) continue;
    await Promise.race([server.closed, pause(silence, given)]);
    if (open.size > 0) continue;
    server.closeIdle();
    await Promise.race([server.closed, pause(lastCall, given)]);
  } while (open.size > 0 && !given.aborted);
}

function drainTimeout(cut: ReadonlyMap<string | undefined, number>, timeout: number): BackplaneError {
  const count = [...cut.values()].reduce((sum, n) => sum + n, 0);
  return new BackplaneError({
    code: 'DRAIN_TIMEOUT',
    message: `${count} ${count === 1 ? 'request was' : 'requests were'} cut off, ${timeout} ms after the stop began to wait`,
    path: [...cut].map(([pluginId, n]) => `-> ${n} ${pluginId ? `of plugin '${pluginId}'` : 'outside of the plugins'}`),
    fix: `answer sooner, end long responses when 'ctx.closing' aborts, or raise 'backend.lifecycle.drainTimeout'.`,
  });
}
