import { keepAccount } from '../api/attribution.js';
import {
  LifecycleService,
  RootLifecycleService,
  type LifecycleHook,
  type LifecycleHookOptions,
} from '../api/lifecycle-service.js';
import { pluginView, type PluginViewable } from '../api/plugin-view.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';

interface Hook {
  readonly run: LifecycleHook;
  readonly name: string;
  readonly timeout: number | undefined;
}

/** A list of hooks that is closed once its moment has come. */
export class HookList {
  readonly #hooks: Hook[] = [];
  readonly #kind: string;
  readonly #of: string;
  #closed = false;

  /** `kind` as `startup hook`, `of` as `plugin 'catalog'`. */
  constructor(kind: string, of: string) {
    this.#kind = kind;
    this.#of = of;
  }

  /** Whether its moment has come. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The hook runs on the account of who adds it; gives back how to take it out again. */
  add(run: LifecycleHook, { name = run.name || 'anonymous', timeout }: LifecycleHookOptions = {}): () => void {
    if (this.#closed) {
      throw new BackplaneError({
        code: 'HOOK_TOO_LATE',
        message: `The ${this.#kind} '${name}' of ${this.#of} was added after its moment`,
        path: [`in ${this.#of}`],
        fix: 'add hooks in the constructor or in init().',
      });
    }
    const hook = { run: keepAccount(run), name, timeout };
    this.#hooks.push(hook);
    return () => {
      const index = this.#hooks.indexOf(hook);
      if (index >= 0) this.#hooks.splice(index, 1);
    };
  }

  /** In order; the first that fails ends it, with a rejection. */
  async runInOrder(timeout: number): Promise<void> {
    this.#closed = true;
    for (const hook of this.#hooks) {
      const problem = await this.#run(hook, timeout);
      if (problem) throw new BackplaneError(problem);
    }
  }

  /** In reverse order, every one of them. Gives back what failed. */
  async runInReverse(timeout: number): Promise<Problem[]> {
    this.#closed = true;
    const problems: Problem[] = [];
    for (const hook of this.#hooks.toReversed()) {
      const problem = await this.#run(hook, timeout);
      if (problem) problems.push(problem);
    }
    return problems;
  }

  /** All at the same time. Gives back what failed. */
  async runTogether(timeout: number): Promise<Problem[]> {
    this.#closed = true;
    const results = await Promise.all(this.#hooks.map(hook => this.#run(hook, timeout)));
    return results.filter(problem => problem !== undefined);
  }

  async #run({ run, name, timeout }: Hook, standard: number): Promise<Problem | undefined> {
    try {
      await withDeadline(timeout ?? standard, run);
      return undefined;
    } catch (error) {
      const late = error instanceof DeadlineExceeded;
      if (error instanceof BackplaneError)
        return { ...error.problem, path: [`in ${this.#kind} '${name}' of ${this.#of}`, ...error.problem.path] };
      return {
        code: late ? 'HOOK_TIMEOUT' : 'HOOK_FAILED',
        message: late
          ? `The ${this.#kind} '${name}' of ${this.#of} did not finish in ${error.milliseconds} ms`
          : `The ${this.#kind} '${name}' of ${this.#of} failed`,
        path: [`in ${this.#of}`, `-> ${this.#kind} '${name}'`],
        fix: late
          ? 'end what the hook waits for, or give it more time: addShutdownHook(hook, { timeout }).'
          : 'mend the error below.',
        ...(!late && { cause: error }),
      };
    }
  }
}

/** The hooks of one plugin. */
export class PluginHooks {
  readonly startup: HookList;
  readonly shutdown: HookList;

  constructor(pluginId: string) {
    this.startup = new HookList('startup hook', `plugin '${pluginId}'`);
    this.shutdown = new HookList('shutdown hook', `plugin '${pluginId}'`);
  }
}

/** What a plugin is given to add to its hooks. */
export class PluginLifecycle extends LifecycleService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #hooks: PluginHooks;

  constructor(hooks: PluginHooks) {
    super();
    this.#hooks = hooks;
    Object.freeze(this);
  }

  override addStartupHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    this.#hooks.startup.add(hook, options);
  }

  override addShutdownHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    this.#hooks.shutdown.add(hook, options);
  }
}

/** The hooks of the whole backend. */
export class RootHooks {
  readonly startup = new HookList('startup hook', 'the backend');
  readonly beforeShutdown = new HookList('before-shutdown hook', 'the backend');
  readonly shutdown = new HookList('shutdown hook', 'the backend');
}

/** What root services and plugins are given to add to the hooks of the backend. */
export class RootLifecycle extends RootLifecycleService implements PluginViewable<RootLifecycleService>, Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #hooks: RootHooks;
  readonly #added: (() => void)[] = [];

  constructor(hooks: RootHooks) {
    super();
    this.#hooks = hooks;
    Object.freeze(this);
  }

  override addStartupHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    this.#added.push(this.#hooks.startup.add(hook, options));
  }

  override addBeforeShutdownHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    this.#added.push(this.#hooks.beforeShutdown.add(hook, options));
  }

  override addShutdownHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    this.#added.push(this.#hooks.shutdown.add(hook, options));
  }

  [pluginView](): RootLifecycleService {
    return new RootLifecycle(this.#hooks);
  }

  /** A plugin that ends before the backend does comes again, with the same hooks. */
  [Symbol.dispose](): void {
    if (!this.#hooks.beforeShutdown.closed) for (const remove of this.#added) remove();
  }
}
