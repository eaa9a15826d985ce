import type { DiscoveryService } from '../../api/discovery-service.js';
import type { RootWireService } from '../../api/root-wire-service.js';
import { fetchLimit, fetchTimeout, type FetchedText } from './fetch-over-http.js';

/** How the framework itself reads small documents of a plugin, as its public keys, wherever that plugin runs. */
export class PluginDocuments {
  readonly #wire: RootWireService;
  readonly #discovery: DiscoveryService;

  constructor(wire: RootWireService, discovery: DiscoveryService) {
    this.#wire = wire;
    this.#discovery = discovery;
  }

  /** Whether anybody is known to run the plugin. Asks nobody. */
  knows(pluginId: string): boolean {
    return this.#discovery.knows(pluginId);
  }

  /**
   * What is at `path` below the plugin's own. A redirect is not followed.
   *
   * Rejects where the plugin cannot be reached, and for an answer that takes longer than 1 s or has more than 64 KiB.
   */
  async get(pluginId: string, path: string, token?: string): Promise<FetchedText> {
    const response = await this.#wire.send(
      {
        request: { pluginId, method: 'GET', path, headers: { accept: 'application/json' } },
        operation: { pluginId, name: `GET ${path}` },
        token,
        within: undefined,
        deadline: Date.now() + fetchTimeout,
        signal: undefined,
        requestId: undefined,
        isIdempotent: true,
      },
      '',
    );
    return { status: response.status, text: await response.text(fetchLimit) };
  }
}
