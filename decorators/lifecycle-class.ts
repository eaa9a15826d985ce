import type { Class } from './tokens.js';

/** A class whose `init()` and `shutdown()`, where it has them, take nothing: the framework calls them. */
export type LifecycleClass = Class<Lifecycle | object> & { readonly prototype: { init?(): unknown; shutdown?(): unknown } };

interface Lifecycle {
  init?(): void | Promise<void>;
  shutdown?(): void | Promise<void>;
}
