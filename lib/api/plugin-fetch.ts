import { Service } from '../../decorators/service.js';

export interface FetchedText {
  readonly status: number;
  readonly text: string;
}

/**
 * How the framework itself reads small documents of a plugin, as its public keys, wherever that plugin runs.
 *
 * For what plugins ask of each other there is `WireService`.
 */
@Service({ id: 'core.plugin-fetch', scope: 'root' })
export abstract class PluginFetch {
  /** Whether anybody is known to run the plugin. Asks nobody. */
  abstract knows(pluginId: string): boolean;
  /**
   * What is at `path` below the plugin's own. A redirect is not followed.
   *
   * Rejects where the plugin cannot be reached, and for an answer that takes longer than 1 s or has more than 64 KiB.
   */
  abstract get(pluginId: string, path: string, headers?: Readonly<Record<string, string>>): Promise<FetchedText>;
}
