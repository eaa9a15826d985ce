import type { CallSite } from '../../decorators/call-site.js';
import type { ConfigSection } from '../../decorators/config-of.js';
import type { Class } from '../../decorators/tokens.js';

/** What an instance is found by in the container that holds it. */
export type Key = string | symbol | Class;

/** Whose private classes are meant. */
export type Owner =
  | { readonly kind: 'backend' }
  | { readonly kind: 'service'; readonly id: string }
  | { readonly kind: 'loader'; readonly name: string }
  | { readonly kind: 'plugin'; readonly pluginId: string }
  | { readonly kind: 'module'; readonly pluginId: string; readonly moduleId: string };

/** How an instance comes to be. */
export type Recipe =
  | { readonly by: 'constructor'; readonly target: Class }
  | { readonly by: 'create'; readonly target: Class }
  | { readonly by: 'factory'; readonly factory: (...dependencies: never[]) => unknown }
  | { readonly by: 'value'; readonly value: unknown }
  /** An array of the dependencies. */
  | { readonly by: 'collection' }
  /** The one dependency, under another name. */
  | { readonly by: 'alias' }
  /** The backend itself provides it. */
  | { readonly by: 'backend'; readonly id: string }
  /** What a module is given of an extension point: `key` at the plugin, or at the module `moduleId`, that provides it. */
  | { readonly by: 'extension-point'; readonly id: string; readonly key: Key; readonly moduleId: string | undefined }
  | { readonly by: 'module-context'; readonly moduleId: string }
  | { readonly by: 'config'; readonly target: Class; readonly section: ConfigSection; readonly value: object };

export interface Dependency {
  readonly key: Key;
  /** Nothing implements it, and that is allowed: `undefined` is injected. */
  readonly absent?: boolean;
  /** The same in those plugins where nothing implements it. */
  readonly optional?: boolean;
  /** A root service, shown as to somebody who may read these configuration keys besides the plugin's, see `pluginView`. */
  readonly viewed?: readonly string[];
}

/** One thing a container constructs, with all it needs known beforehand. */
export interface Unit {
  readonly key: Key;
  /** As in `service 'core.logger'`, for paths. */
  readonly title: string;
  readonly recipe: Recipe;
  readonly dependencies: readonly Dependency[];
  readonly site?: CallSite | undefined;
  readonly retry?: { readonly attempts: number; readonly delay: number } | undefined;
}

/** Units by key; a plugin's own stand in front of those it shares with all plugins. */
export class UnitTable {
  readonly #units = new Map<Key, Unit>();
  readonly #behind: UnitTable | undefined;

  constructor(behind?: UnitTable) {
    this.#behind = behind;
  }

  add(unit: Unit): Unit {
    this.#units.set(unit.key, unit);
    return unit;
  }

  has(key: Key): boolean {
    return this.#units.has(key);
  }

  find(key: Key): Unit | undefined {
    return this.#units.get(key) ?? this.#behind?.find(key);
  }

  /** The units of this table, not of those behind it. */
  own(): IterableIterator<Unit> {
    return this.#units.values();
  }
}
