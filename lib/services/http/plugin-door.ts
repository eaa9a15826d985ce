import { callOnAccount } from '../../api/attribution.js';
import type { BackendStatusService } from '../../api/backend-status-service.js';
import type { PluginEndpoint, PluginMount } from '../../api/http-services.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { NotFoundError, ServiceUnavailableError, type HttpError } from '../../errors/http-error.js';
import type { Exchange } from './exchange.js';
import type { StartWaits } from './start-waits.js';

/** How long requests wait for a plugin to start, in ms, and how many may do so at once, of all plugins. */
export interface WaitingRoom {
  readonly timeout: number;
  readonly capacity: number;
  taken: number;
}

type Door = 'open' | 'waiting' | HttpError;

/** The way to one plugin: by the plugin's phase its requests pass, wait, or are refused. */
export class PluginDoor {
  mount: PluginMount | undefined;
  #endpoints: Map<string, PluginEndpoint> | undefined;
  readonly #pluginId: string;
  readonly #status: BackendStatusService;
  readonly #room: WaitingRoom;
  readonly #waits: StartWaits;
  #state: Door;
  #waiting: Map<Exchange, NodeJS.Timeout | undefined> | undefined;

  constructor(pluginId: string, status: BackendStatusService, room: WaitingRoom, waits: StartWaits) {
    this.#pluginId = pluginId;
    this.#status = status;
    this.#room = room;
    this.#waits = waits;
    this.#state = this.#ask();
  }

  /** Throws `ROUTE_CONFLICT` where there is one at its path. */
  addEndpoint(endpoint: PluginEndpoint): () => void {
    const { path, pluginId } = endpoint;
    const endpoints = (this.#endpoints ??= new Map());
    if (endpoints.has(path)) {
      throw new BackplaneError({
        code: 'ROUTE_CONFLICT',
        message: `'${path}' of plugin '${pluginId}' is answered already`,
        path: [`in plugin '${pluginId}'`],
        fix: 'take the other endpoint away first.',
      });
    }
    endpoints.set(path, endpoint);
    return () => endpoints.delete(path);
  }

  /** Passes the request on, now or later; throws the error that refuses it. */
  enter(exchange: Exchange): void {
    // Others verify by it what the plugin asks of them, which it may do as it starts, for the first time or again.
    if (this.#state === 'open' || this.#endpointOf(exchange)?.beforeReady) this.#pass(exchange);
    else if (this.#state === 'waiting') this.#wait(exchange);
    else throw this.#state;
  }

  takesUpgrade(path: string): boolean {
    if (this.#state === 'waiting') return true;
    return this.#state === 'open' && (this.mount?.takesUpgrade?.(path) ?? false);
  }

  /** Looks at the phase again, and calls in who was waiting for it. */
  update(): void {
    this.#state = this.#ask();
    if (this.#state === 'waiting' || !this.#waiting) return;
    const waiting = [...this.#waiting.keys()];
    for (const exchange of waiting) {
      this.#leave(exchange);
      this.#enterLate(exchange);
    }
  }

  #ask(): Door {
    const { phase: backend } = this.#status;
    const shutDown = backend === 'stopping' || backend === 'stopped';
    switch (this.#status.plugin(this.#pluginId)?.phase ?? 'ready') {
      case 'ready':
        return 'open';
      case 'failed':
        return unavailable('plugin_unavailable', `Plugin '${this.#pluginId}' is not available`);
      case 'waiting':
      case 'starting':
        return shutDown ? shuttingDown() : 'waiting';
      default:
        // Plugins stop with the backend only.
        return shuttingDown();
    }
  }

  #pass(exchange: Exchange): void {
    const answering = this.#endpointOf(exchange) ?? this.mount;
    if (!answering) throw new NotFoundError();
    const account = { backend: this.#status, pluginId: this.#pluginId, request: exchange };
    exchange.account = account;
    const { observation } = exchange;
    const answered = observation
      ? observation.run(() => callOnAccount(account, answer, answering, exchange))
      : callOnAccount(account, answer, answering, exchange);
    answered?.catch((error: unknown) => exchange.fail(error));
  }

  #endpointOf({ path, isOutside }: Exchange): PluginEndpoint | undefined {
    const endpoint = this.#endpoints && path.startsWith('/.backplane/') ? this.#endpoints.get(path) : undefined;
    return isOutside && endpoint?.internal ? undefined : endpoint;
  }

  #wait(exchange: Exchange): void {
    if (this.#room.taken >= this.#room.capacity) throw starting(this.#pluginId);
    // A plugin that starts as well waits for as long as its own start may take.
    const waits = this.#waits.begin(exchange, this.#pluginId);
    this.#room.taken++;
    const timer = waits ? undefined : setTimeout(() => this.#giveUp(exchange), this.#room.timeout);
    (this.#waiting ??= new Map()).set(exchange, timer);
    exchange.signal.addEventListener('abort', () => this.#leave(exchange), { once: true });
  }

  #giveUp(exchange: Exchange): void {
    this.#leave(exchange);
    exchange.fail(starting(this.#pluginId));
  }

  #leave(exchange: Exchange): void {
    if (!this.#waiting?.has(exchange)) return;
    clearTimeout(this.#waiting.get(exchange));
    this.#waiting.delete(exchange);
    this.#waits.end(exchange);
    this.#room.taken--;
  }

  #enterLate(exchange: Exchange): void {
    try {
      this.enter(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  }
}

function answer(answering: PluginMount | PluginEndpoint, exchange: Exchange): void | Promise<void> {
  return answering.handle(exchange);
}

function starting(pluginId: string): HttpError {
  return unavailable('plugin_starting', `Plugin '${pluginId}' has not started yet`, 1);
}

function shuttingDown(): HttpError {
  return unavailable('shutting_down', 'The backend is shutting down', 1);
}

function unavailable(code: string, message: string, retryAfter?: number): HttpError {
  return new ServiceUnavailableError(message, { code, retryAfter });
}
