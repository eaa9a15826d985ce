/**
 * A root service that must not look the same to every plugin has a method of this name; what it returns is what the
 * plugin is given instead of the service itself. A view that can be disposed is disposed when the plugin ends.
 */
export const pluginView: unique symbol = Symbol.for('backplane.plugin-view') as never;

/** What a root service may know about the plugin it is shown to. */
export interface Viewer {
  readonly pluginId: string;
  /** The configuration keys that the plugin and its modules declare besides their own. */
  readonly configKeys: readonly string[];
}

export interface PluginViewable<T> {
  [pluginView](viewer: Viewer): T;
}
