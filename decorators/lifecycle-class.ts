import type { Class } from './tokens.js';

/**
 * A class whose `init()` and `shutdown()`, where it has them, can be called without arguments: the framework calls them.
 *
 * `object &` because a type whose members are all optional refuses a class that has other members and none of these.
 */
export type LifecycleClass = Class & {
  readonly prototype: object & { init?(): unknown; shutdown?(): unknown };
};
