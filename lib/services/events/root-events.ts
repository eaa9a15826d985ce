import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { BackendStatusService } from '../../api/backend-status-service.js';
import { RootConfigService } from '../../api/config-service.js';
import { DeliveryTelemetryService } from '../../api/delivery-telemetry-service.js';
import type { DatabaseService } from '../../api/database-service.js';
import { RootLifecycleService } from '../../api/lifecycle-service.js';
import { type LoggerService, RootLoggerService } from '../../api/logger-service.js';
import { pluginView, type PluginViewable } from '../../api/plugin-view.js';
import type { EventRecord, EventTransport, TransportSurroundings } from './event-transport.js';
import { type EventsSettings, readEventsSettings } from './events-settings.js';
import type { RelayEnd } from './outbox/outbox-relay.js';
import { PluginOutbox } from './outbox/plugin-outbox.js';
import { openTransport } from './open-transport.js';

/** What wants to end its deliveries before the backend takes itself down. */
export interface Closable {
  /** Those that are under way have `patience` ms to end. */
  close(patience: number): Promise<void>;
}

/** How long handlers have to end when the backend has failed, in ms. */
const urgentPatience = 500;

/** What the events of all plugins share. Plugins themselves see nothing of it. */
@Service({ id: 'core.root-events', scope: 'root' })
export class RootEvents implements PluginViewable<object>, AsyncDisposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly settings: EventsSettings;
  readonly status: BackendStatusService;
  readonly telemetry: DeliveryTelemetryService;
  readonly #surroundings: TransportSurroundings;
  readonly #logger: RootLoggerService;
  readonly #plugins = new Set<Closable>();
  #transport: Promise<EventTransport> | undefined;
  #opened: EventTransport | undefined;
  #isStopping = false;

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(BackendStatusService) status: BackendStatusService,
    @Inject(RootLifecycleService) lifecycle: RootLifecycleService,
    @Inject(RootLoggerService) logger: RootLoggerService,
    @Inject(DeliveryTelemetryService) telemetry: DeliveryTelemetryService,
  ) {
    this.settings = readEventsSettings(config);
    this.status = status;
    this.telemetry = telemetry;
    this.#logger = logger;
    this.#surroundings = {
      background: AsyncLocalStorage.snapshot(),
      logger,
      isStarting: () => status.phase === 'starting',
    };
    // Handlers may call other plugins, which still answer now.
    lifecycle.addBeforeShutdownHook(() => this.#stop(), {
      name: 'events',
      timeout: this.settings.drainTimeout + 2_000,
    });
  }

  /** The backend is about to stop, and no subscription begins any more. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Runs work in the async context of the backend itself. */
  get background(): TransportSurroundings['background'] {
    return this.#surroundings.background;
  }

  transport(): Promise<EventTransport> {
    return (this.#transport ??= this.#surroundings.background(async () => {
      return (this.#opened = await openTransport(this.settings, this.#surroundings));
    }));
  }

  /** Throws the `INVALID_EVENT` with which the transport would refuse it, as far as is known without waiting. */
  refuseHopeless(event: EventRecord): void {
    const refusal = this.#opened?.refusalOf?.(event);
    if (refusal) throw refusal;
  }

  /** Hands over to the transport until the backend is about to stop: then what is left stays where it is. */
  outboxOf(
    pluginId: string,
    database: DatabaseService,
    logger: LoggerService,
    refused: RelayEnd['refused'],
  ): PluginOutbox {
    const { postgres, nats } = this.settings;
    const isOpen = (): boolean => !this.#isStopping;
    const end = {
      get isOpen() {
        return isOpen();
      },
      publishTimeout: (postgres ?? nats)?.publishTimeout ?? 0,
      refused,
      publish: async (events: readonly EventRecord[]) => (await this.transport()).publish(events),
      warn: (message: string, error: unknown) => logger.warn(message, { error }),
    };
    return new PluginOutbox(pluginId, database, end, this.#surroundings.background);
  }

  /** Closes `plugin` before the backend stops; gives back how to be forgotten. */
  add(plugin: Closable): () => void {
    this.#plugins.add(plugin);
    return () => this.#plugins.delete(plugin);
  }

  [pluginView](): object {
    return Object.freeze({});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#transport)?.[Symbol.asyncDispose]();
  }

  /** Of an urgent stop, which has failed already, nobody expects that it delivers what waits. */
  async #stop(): Promise<void> {
    const { drainTimeout } = this.settings;
    const { urgent } = this.status;
    const patience = urgent ? Math.min(urgentPatience, drainTimeout) : drainTimeout;
    const begin = performance.now();
    const transport = await this.#transport;
    const drained = urgent ? AbortSignal.abort() : AbortSignal.timeout(patience);
    const left = (await transport?.drain?.(drained)) ?? 0;
    if (left > 0) this.#logger.warn('Events in memory were not handled, and end with this process', { count: left });
    this.#isStopping = true;
    const rest = Math.max(0, patience - (performance.now() - begin));
    await Promise.all([...this.#plugins].map(plugin => plugin.close(rest)));
  }
}
