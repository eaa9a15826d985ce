import { keepAccount } from '../api/attribution.js';
import {
  BackendStatusService,
  type BackendEvent,
  type BackendPhase,
  type PluginStatus,
} from '../api/backend-status-service.js';
import { pluginView, type PluginViewable } from '../api/plugin-view.js';
import type { BackendStatus } from './backend-status.js';

/** What others see of the state of a backend. Listeners run on the account of who subscribed, and end with the reader. */
export class BackendStatusReader
  extends BackendStatusService
  implements PluginViewable<BackendStatusService>, Disposable
{
  static {
    Object.freeze(this.prototype);
  }

  readonly #status: BackendStatus;
  readonly #subscriptions = new Set<() => void>();

  constructor(status: BackendStatus) {
    super();
    this.#status = status;
    Object.freeze(this);
  }

  override get phase(): BackendPhase {
    return this.#status.phase;
  }

  override get urgent(): boolean {
    return this.#status.urgent;
  }

  override plugin(pluginId: string): PluginStatus | undefined {
    return this.#status.plugin(pluginId);
  }

  override plugins(): readonly PluginStatus[] {
    return this.#status.plugins();
  }

  override subscribe(listener: (event: BackendEvent) => void): () => void {
    const unsubscribe = this.#status.subscribe(keepAccount(listener));
    const end = () => {
      unsubscribe();
      this.#subscriptions.delete(end);
    };
    this.#subscriptions.add(end);
    return end;
  }

  [pluginView](): BackendStatusService {
    return new BackendStatusReader(this.#status);
  }

  [Symbol.dispose](): void {
    for (const end of this.#subscriptions) end();
  }
}
