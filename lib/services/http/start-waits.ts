import type { BackendStatusService } from '../../api/backend-status-service.js';
import { ServiceUnavailableError } from '../../errors/http-error.js';
import type { Exchange } from './exchange.js';

interface Wait {
  readonly callerId: string;
  readonly pluginId: string;
  readonly exchange: Exchange;
}

/** Which plugins wait for which to start, by the calls they make while they start themselves. */
export class StartWaits {
  readonly #status: BackendStatusService;
  readonly #waits = new Map<Exchange, Wait>();

  constructor(status: BackendStatusService) {
    this.#status = status;
  }

  /**
   * Takes note that the caller waits for `pluginId`; `false` where it does not start itself, and so can wait.
   *
   * Where that closes a circle, every call of it fails at once, and this one throws the same error.
   */
  begin(exchange: Exchange, pluginId: string): boolean {
    const { callerId } = exchange;
    if (callerId === undefined || !this.#isStarting(callerId)) return false;
    const circle = this.#way(pluginId, callerId, new Set());
    if (circle) {
      const error = circular([callerId, pluginId, ...circle.map(wait => wait.pluginId)]);
      for (const wait of circle) wait.exchange.fail(error);
      throw error;
    }
    this.#waits.set(exchange, { callerId, pluginId, exchange });
    return true;
  }

  end(exchange: Exchange): void {
    this.#waits.delete(exchange);
  }

  #isStarting(pluginId: string): boolean {
    const phase = this.#status.plugin(pluginId)?.phase;
    return phase === 'starting' || phase === 'waiting';
  }

  /** The waits that lead from one plugin to another; none where it is the same one, `undefined` where there is no way. */
  #way(from: string, to: string, seen: Set<string>): readonly Wait[] | undefined {
    if (from === to) return [];
    seen.add(from);
    for (const wait of this.#waits.values()) {
      if (wait.callerId !== from || seen.has(wait.pluginId)) continue;
      const rest = this.#way(wait.pluginId, to, seen);
      if (rest) return [wait, ...rest];
    }
    return undefined;
  }
}

function circular(path: readonly string[]): ServiceUnavailableError {
  return new ServiceUnavailableError('Plugins wait for each other to start', {
    code: 'start_cycle',
    details: { path },
  });
}
