import { BackplaneError } from '../../errors/backplane-error.js';
import { pause } from '../../util/pause.js';
import type { HttpServer } from './http-server.js';
import type { OpenExchanges } from './open-exchanges.js';

/** How long connections on which nothing is going on are kept, in ms: a request may be on its way to us. */
const silence = 100;
/** How long a connection may then take to end, in ms: one may have begun to send a request. */
const lastCall = 1_000;

/** What is answered, and the server it comes through, if it comes through one. */
export interface Draining {
  readonly server: HttpServer | undefined;
  readonly open: OpenExchanges;
}

/**
 * Ends the listeners such that no request is lost: says on every answer that the connection ends, goes on accepting for
 * `delay` ms until balancers know, and then waits up to `timeout` ms for the last byte of the last answer. Each listener
 * accepts until those before it have given their last answer.
 *
 * What is still open then is reset, and named by a `BackplaneError` with code `DRAIN_TIMEOUT`. Once `hurry` aborts,
 * nothing is waited for.
 */
export async function stopGracefully(
  listeners: readonly Draining[],
  { delay, timeout }: { readonly delay: number; readonly timeout: number },
  hurry: AbortSignal,
): Promise<void> {
  const announce = () => {
    for (const { open } of listeners) open.announceClosing(delay + 1_000);
  };
  announce();
  await pause(delay, hurry);
  const inTime = new AbortController();
  const expired = pause(timeout, AbortSignal.any([hurry, inTime.signal]));
  // Of the streams that begin meanwhile.
  announce();
  const announcing = setInterval(announce, 200);
  const drained = async () => {
    for (const listener of listeners) {
      await refuse(listener);
      if (!inTime.signal.aborted) await drain(listener, inTime.signal);
    }
  };
  await Promise.race([drained(), expired]);
  inTime.abort();
  clearInterval(announcing);
  const cut = listeners.map(({ open }) => open.cut());
  await Promise.all(listeners.map(async ({ server }) => server?.close()));
  if (cut.some(({ size }) => size > 0)) throw drainTimeout(cut, timeout);
}

/** Accepts no connection but those that have been made. Who is answered meanwhile would make another one, without end. */
async function refuse({ server, open }: Draining): Promise<void> {
  if (!server) return;
  const release = open.hold();
  await server.acceptQueued();
  // Asked for, it refuses new connections.
  void server.closed;
  release();
}

/** Also ends, with requests open, once `given` aborts: then nobody waits for it any more. */
async function drain({ server, open }: Draining, given: AbortSignal): Promise<void> {
  do {
    await open.empty();
    if (!server) continue;
    await Promise.race([server.closed, pause(silence, given)]);
    if (open.size > 0) continue;
    server.closeIdle();
    await Promise.race([server.closed, pause(lastCall, given)]);
  } while (open.size > 0 && !given.aborted);
}

function drainTimeout(cut: readonly ReadonlyMap<string | undefined, number>[], timeout: number): BackplaneError {
  const total = new Map<string | undefined, number>();
  for (const [pluginId, n] of cut.flatMap(one => [...one])) total.set(pluginId, (total.get(pluginId) ?? 0) + n);
  const count = [...total.values()].reduce((sum, n) => sum + n, 0);
  return new BackplaneError({
    code: 'DRAIN_TIMEOUT',
    message: `${count} ${count === 1 ? 'request was' : 'requests were'} cut off, ${timeout} ms after the stop began to wait`,
    path: [...total].map(
      ([pluginId, n]) => `-> ${n} ${pluginId ? `of plugin '${pluginId}'` : 'outside of the plugins'}`,
    ),
    fix: `answer sooner, end long responses when 'ctx.closing' aborts, or raise 'backend.lifecycle.drainTimeout'.`,
  });
}
