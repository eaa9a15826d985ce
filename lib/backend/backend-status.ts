import type {
  BackendEvent,
  BackendPhase,
  BackendStatusService,
  PluginPhase,
  PluginStatus,
} from '../api/backend-status-service.js';
import { BackendStatusReader } from './backend-status-reader.js';

/** The state of a backend, as the backend itself has it. */
export class BackendStatus {
  /** What everybody else is given of it; also what tells this backend from others of the process. */
  readonly service: BackendStatusService = new BackendStatusReader(this);
  readonly #plugins = new Map<string, PluginStatus>();
  readonly #listeners = new Set<(event: BackendEvent) => void>();
  #phase: BackendPhase = 'starting';
  #urgent = false;

  get phase(): BackendPhase {
    return this.#phase;
  }

  get urgent(): boolean {
    return this.#urgent;
  }

  plugin(pluginId: string): PluginStatus | undefined {
    return this.#plugins.get(pluginId);
  }

  plugins(): readonly PluginStatus[] {
    return [...this.#plugins.values()];
  }

  subscribe(listener: (event: BackendEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  enter(phase: BackendPhase, urgent = false): void {
    this.#phase = phase;
    this.#urgent ||= urgent;
    this.emit({ type: 'backend-phase', phase });
  }

  enterPlugin(pluginId: string, phase: PluginPhase, failure?: unknown): void {
    this.#plugins.set(pluginId, Object.freeze({ pluginId, phase, ...(failure !== undefined && { failure }) }));
    this.emit({ type: 'plugin-phase', pluginId, phase, ...(failure !== undefined && { failure }) });
  }

  /** What one listener does to an event no other sees: it is frozen, but for the errors in it. */
  emit(event: BackendEvent): void {
    Object.freeze(event);
    if (event.type === 'start-progress') Object.freeze(event.waitingFor);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // Whoever listens must not be able to stop what is told.
      }
    }
  }
}
