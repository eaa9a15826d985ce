import { BackplaneError } from '../errors/backplane-error.js';
import { walkDepthFirst } from '../util/depth-first.js';
import type { Dependency, Key, Unit, UnitTable } from '../plan/unit.js';
import { construct, type Held, isProvided, type Provided } from './construct.js';
import { constructionFailure, constructionRefused } from './construction-failure.js';
import type { ConstructionLog } from './construction-log.js';
import type { Instances } from './instances.js';

export interface ScopeOptions {
  readonly title: string;
  readonly instances: Instances;
  readonly units: UnitTable;
  /** Whether the unit of `key` is made in this scope. */
  readonly owns: (key: Key) => boolean;
  readonly parent?: Scope;
  /** Where what the scope above holds is found: that scope itself, or a bridge to it. */
  readonly above?: Pick<Scope, 'get'>;
  /** Gives what is not constructed but provided. */
  readonly provide: (recipe: Provided) => Held | Promise<Held>;
  /** What somebody in this scope is shown of a root service who may read these configuration keys. */
  readonly view?: (service: unknown, key: Key, configKeys: readonly string[]) => unknown;
  /** Runs constructors, where they must not run as whoever asks. */
  readonly run?: <T>(work: () => T) => T;
  /** Where instances are noted as they are made, for disposal in reverse order. */
  readonly log: ConstructionLog;
}

interface Task {
  readonly scope: Scope;
  readonly unit: Unit;
}

/**
 * Makes instances in the order of their dependencies and keeps them.
 *
 * A scope finds what it made among its own instances and everything else above, so the hierarchy of scopes, not the
 * plan, has the last word on who can see what. Only success is remembered: what failed is tried again by whoever asks
 * next.
 */
export class Scope {
  readonly #options: ScopeOptions;
  /** What is being made; rejects with what was thrown. */
  #pending: Map<Key, Promise<void>> | undefined;

  constructor(options: ScopeOptions) {
    this.#options = options;
  }

  /**
   * Makes the instance of `key`, and all it needs, unless it is there; a promise only where something has to be waited
   * for. Throws or rejects with `CONSTRUCTION_FAILED`.
   */
  ensure(key: Key): void | Promise<void> {
    const task = this.#taskOf(key);
    return task && Scope.#makeAll(Scope.#inOrder(task), 0);
  }

  static #makeAll(tasks: readonly Task[], from: number): void | Promise<void> {
    for (let index = from; index < tasks.length; index++) {
      const { scope, unit } = tasks[index]!;
      const pending = scope.#make(unit, tasks);
      if (pending) return pending.then(() => Scope.#makeAll(tasks, index + 1));
    }
  }

  /** The instance of `key`, which must have been made; throws where there is none. */
  get(key: Key): unknown {
    const { above, instances, owns, title } = this.#options;
    if (above && !owns(key)) return above.get(key);
    if (!instances.has(key)) throw new Error(`${title} has no instance of ${String(key)}`);
    return instances.get(key);
  }

  /** Whether an instance of `key` has been made in this scope. */
  has(key: Key): boolean {
    return this.#options.instances.has(key);
  }

  /** What is being made here and above, and is waited for. */
  inTheMaking(): string[] {
    const { parent, units } = this.#options;
    const own = [...(this.#pending?.keys() ?? [])].map(key => units.find(key)!.title);
    return [...own, ...(parent?.inTheMaking() ?? [])];
  }

  /** Takes an instance that was made elsewhere. */
  adopt(key: Key, value: unknown): void {
    this.#options.instances.set(key, value);
  }

  /** A dependency of something that lives in this scope, as it is given to it. */
  lookup(dependency: Dependency): unknown {
    if (this.#lacks(dependency)) return undefined;
    const { key, viewed } = dependency;
    const value = this.get(key);
    const { view } = this.#options;
    return viewed && view ? view(value, key, viewed) : value;
  }

  /** Nothing where the instance of `key` is there already. */
  #taskOf(key: Key): Task | undefined {
    const { owns, parent, units } = this.#options;
    if (owns(key)) return this.has(key) ? undefined : { scope: this, unit: units.find(key)! };
    if (!parent) throw new Error(`no scope makes ${String(key)}`);
    return parent.#taskOf(key);
  }

  static #needed({ scope, unit }: Task): Task[] {
    return unit.dependencies.flatMap(d => (scope.#lacks(d) ? [] : (scope.#taskOf(d.key) ?? [])));
  }

  /** What has to be made for a task, which comes last: depth first, so that it is the same in every run. */
  static #inOrder(task: Task): Task[] {
    const tasks: Task[] = [];
    const seen = new Set<Unit>();
    walkDepthFirst([task], {
      enter(needed) {
        if (seen.has(needed.unit)) return undefined;
        seen.add(needed.unit);
        return Scope.#needed(needed);
      },
      leave: needed => tasks.push(needed),
    });
    return tasks;
  }

  /** Whether `undefined` is what is meant: nobody provides it, here or anywhere. */
  #lacks({ key, absent = false, optional = false }: Dependency): boolean {
    return absent || (optional && !this.#options.units.find(key));
  }

  /** Each who waits for the same instance is told of its failure by the way on which it asked. */
  #make(unit: Unit, tasks: readonly Task[]): Promise<void> | undefined {
    if (this.has(unit.key)) return undefined;
    const { log, title } = this.#options;
    if (log.closed) throw constructionRefused(title, unit);
    try {
      return this.#begin(unit)?.catch((error: unknown) => {
        throw this.#failure(error, unit, tasks);
      });
    } catch (error) {
      throw this.#failure(error, unit, tasks);
    }
  }

  #begin(unit: Unit): Promise<void> | undefined {
    const { run } = this.#options;
    const already = this.#pending?.get(unit.key);
    if (already) return already;
    const made = run ? run(() => this.#start(unit)) : this.#start(unit);
    if (!(made instanceof Promise)) {
      this.#keep(unit, made);
      return undefined;
    }
    const pending = made.then(held => this.#keep(unit, held)).finally(() => this.#pending?.delete(unit.key));
    this.#pending ??= new Map();
    this.#pending.set(unit.key, pending);
    return pending;
  }

  #start(unit: Unit): Held | Promise<Held> {
    const { recipe, dependencies } = unit;
    const { log, provide } = this.#options;
    if (isProvided(recipe)) return provide(recipe);
    const given = dependencies.map(dependency => this.lookup(dependency));
    return construct(unit, given, log);
  }

  #keep({ key, title, recipe }: Unit, { value }: Held): void {
    const { instances, log } = this.#options;
    instances.set(key, value);
    if (recipe.by === 'constructor' || recipe.by === 'create' || recipe.by === 'factory') {
      log.add({ title, instance: value });
    }
  }

  #failure(error: unknown, unit: Unit, tasks: readonly Task[]): BackplaneError {
    const asked = tasks.at(-1)!.scope.#options.title;
    return constructionFailure(
      asked,
      unit,
      tasks.map(task => task.unit),
      error,
    );
  }
}
