import type { PluginRoutes } from './api-document.js';
import { KeptText } from './kept-text.js';

/** A document that is written when it is asked for, and again when it is asked for after a route has come or gone. */
export class KeptDocument {
  readonly #write: (plugins: readonly PluginRoutes[]) => Promise<unknown>;
  #described: readonly PluginRoutes[] = [];
  #text: Promise<KeptText> | undefined;

  constructor(write: (plugins: readonly PluginRoutes[]) => Promise<unknown>) {
    this.#write = write;
  }

  /** The document of these plugins. Who asks for it while it is written waits with the others. */
  of(plugins: readonly PluginRoutes[]): Promise<KeptText> {
    if (this.#text && isSame(plugins, this.#described)) return this.#text;
    this.#described = plugins;
    const text = this.#write(plugins).then(
      document => new KeptText(JSON.stringify(document), 'application/json; charset=utf-8'),
    );
    text.catch(() => {
      if (this.#text === text) this.#text = undefined;
    });
    return (this.#text = text);
  }
}

function isSame(plugins: readonly PluginRoutes[], others: readonly PluginRoutes[]): boolean {
  return (
    plugins.length === others.length &&
    plugins.every(({ pluginId, routes }, n) => {
      const other = others[n]!;
      return (
        pluginId === other.pluginId &&
        routes.length === other.routes.length &&
        routes.every((route, index) => route === other.routes[index])
      );
    })
  );
}
