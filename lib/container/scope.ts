import type { Container, ServiceIdentifier } from 'inversify';
import { BackplaneError } from '../errors/backplane-error.js';
import { describePlace } from '../util/source-place.js';
import type { Dependency, Key, Recipe, Unit, UnitTable } from '../plan/unit.js';
import { construct } from './construct.js';

/** What a container holds: a box, since an instance with a method named `then` must not be taken for a promise. */
export interface Held {
  readonly value: unknown;
}

/** An instance that was made here and is disposed here. */
export interface Constructed {
  readonly title: string;
  readonly instance: unknown;
}

type Provided = Extract<Recipe, { by: 'backend' | 'extension-point' | 'module-context' }>;

export interface ScopeOptions {
  readonly title: string;
  readonly container: Container;
  readonly units: UnitTable;
  /** Whether the unit of `key` is made in this scope. */
  readonly owns: (key: Key) => boolean;
  readonly parent?: Scope;
  /** Gives what is not constructed but provided. */
  readonly provide: (recipe: Provided) => unknown;
  /** What the owner of this scope is shown of a root service. */
  readonly view?: (service: unknown, key: Key) => unknown;
  /** Where instances are noted as they are made, for disposal in reverse order. */
  readonly log: Constructed[];
}

/**
 * Makes instances in the order of their dependencies and keeps them in an inversify container.
 *
 * A dependency is always looked up in the scope's own container, so the hierarchy of containers, not the plan, has the
 * last word on who can see what. Only success is remembered: what failed is tried again by whoever asks next.
 */
export class Scope {
  readonly #options: ScopeOptions;
  readonly #pending = new Map<Key, Promise<void>>();

  constructor(options: ScopeOptions) {
    this.#options = options;
  }

  /** Makes the instance of `key`, and all it needs, unless it is there. Rejects with `CONSTRUCTION_FAILED`. */
  async ensure(key: Key, path: readonly Unit[] = []): Promise<void> {
    const { container, owns, parent } = this.#options;
    if (!owns(key)) {
      if (!parent) throw new Error(`no scope makes ${String(key)}`);
      return parent.ensure(key, path);
    }
    if (container.isCurrentBound(identifierOf(key))) return;
    const pending = this.#pending.get(key) ?? this.#make(key, path);
    this.#pending.set(key, pending);
    try {
      await pending;
    } finally {
      this.#pending.delete(key);
    }
  }

  /** The instance of `key`, which must have been made. Throws what inversify throws where the container has none. */
  get(key: Key): unknown {
    return this.#options.container.get(identifierOf(key)).value;
  }

  /** Takes an instance that was made elsewhere. */
  adopt(key: Key, value: unknown): void {
    this.#options.container.bind(identifierOf(key)).toConstantValue({ value });
  }

  /** Whether an instance of `key` has been made in this scope. */
  has(key: Key): boolean {
    return this.#options.container.isCurrentBound(identifierOf(key));
  }

  /** Whether the scope, or one above it, can make `key`. */
  knows(key: Key): boolean {
    return this.#options.units.find(key) !== undefined;
  }

  /** A dependency of something that lives in this scope, as it is given to it. */
  lookup({ key, absent, viewed }: Dependency): unknown {
    if (absent) return undefined;
    const value = this.get(key);
    const { view } = this.#options;
    return viewed && view ? view(value, key) : value;
  }

  async #make(key: Key, path: readonly Unit[]): Promise<void> {
    const { container, units, provide, log } = this.#options;
    const unit = units.find(key)!;
    const deeper = [...path, unit];
    // One after the other, so that the order of construction is the same in every run.
    for (const dependency of unit.dependencies) if (!dependency.absent) await this.ensure(dependency.key, deeper);
    const { recipe } = unit;
    let held: Held;
    try {
      held =
        recipe.by === 'backend' || recipe.by === 'extension-point' || recipe.by === 'module-context'
          ? { value: await provide(recipe) }
          : await construct(unit, unit.dependencies.map(dependency => this.lookup(dependency)));
    } catch (error) {
      throw error instanceof BackplaneError ? error : this.#failure(deeper, error);
    }
    container.bind(identifierOf(key)).toConstantValue(held);
    if (recipe.by === 'constructor' || recipe.by === 'create' || recipe.by === 'factory') {
      log.push({ title: unit.title, instance: held.value });
    }
  }

  #failure(path: readonly Unit[], cause: unknown): BackplaneError {
    const failed = path.at(-1)!;
    const steps = path.map((unit, index) => {
      const place = describePlace(unit.site);
      return `${index ? '-> ' : ''}${unit.title}${place ? ` (${place})` : ''}`;
    });
    return new BackplaneError({
      code: 'CONSTRUCTION_FAILED',
      message: `The ${failed.title} could not be constructed`,
      path: [`in ${this.#options.title}`, ...steps],
      fix: 'mend the error below; a constructor receives what it depends on and does no work.',
      cause,
    });
  }
}

function identifierOf(key: Key): ServiceIdentifier<Held> {
  return key as ServiceIdentifier<Held>;
}
