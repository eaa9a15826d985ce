import {
  BackendStatusService,
  type BackendEvent,
  type BackendPhase,
  type PluginPhase,
  type PluginStatus,
} from '../api/backend-status-service.js';

/** The state of a backend, written by the backend and read by everybody else. */
export class BackendStatus extends BackendStatusService {
  readonly #plugins = new Map<string, PluginStatus>();
  readonly #listeners = new Set<(event: BackendEvent) => void>();
  #phase: BackendPhase = 'starting';
  #urgent = false;

  override get phase(): BackendPhase {
    return this.#phase;
  }

  override get urgent(): boolean {
    return this.#urgent;
  }

  override plugin(pluginId: string): PluginStatus | undefined {
    return this.#plugins.get(pluginId);
  }

  override plugins(): readonly PluginStatus[] {
    return [...this.#plugins.values()];
  }

  override subscribe(listener: (event: BackendEvent) => void): () => void {
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

  emit(event: BackendEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // Whoever listens must not be able to stop what is told.
      }
    }
  }
}
