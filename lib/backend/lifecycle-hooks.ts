import { keepAccount } from '../api/attribution.js';
import {
  LifecycleService,
  RootLifecycleService,
  type LifecycleHook,
  type LifecycleHookOptions,
} from '../api/lifecycle-service.js';
import { pluginView, type PluginViewable } from '../api/plugin-view.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { runStep } from './bounded-step.js';
import type { StopStep, StopSteps } from './stop-steps.js';

interface Hook {
  readonly run: LifecycleHook;
  readonly name: string;
  readonly timeout: number | undefined;
}

/** A list of hooks that is closed once its moment has come. */
class HookList {
  readonly #hooks: Hook[] = [];
  readonly #kind: string;
  readonly #pluginId: string | undefined;
  #closed = false;

  /** `kind` as `startup hook`. Without `pluginId` they are hooks of the backend. */
  constructor(kind: string, pluginId?: string) {
    this.#kind = kind;
    this.#pluginId = pluginId;
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
        message: `The ${this.#titleOf(name)} was added after its moment`,
        path: [`in ${this.#owner}`],
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

  /**
   * In order; the first that fails ends it, with a rejection. Each may take `timeout` ms, unless it says itself how long.
   * `progress` is told of each beforehand, and may throw.
   */
  async runInOrder(timeout: number, progress: (step: string) => void): Promise<void> {
    this.#closed = true;
    for (const hook of this.#hooks) {
      progress(this.#titleOf(hook.name));
      const problem = await runStep(this.#stepOf(hook, timeout), hook.run);
      if (problem) throw new BackplaneError(problem);
    }
  }

  /** In reverse order, every one of them, once. */
  async runInReverse(timeout: number, steps: StopSteps): Promise<void> {
    this.#closed = true;
    for (const hook of this.#hooks.splice(0).toReversed()) await steps.run(this.#stepOf(hook, timeout), hook.run);
  }

  /** All at the same time, once. */
  async runTogether(timeout: number, steps: StopSteps): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#hooks.splice(0).map(hook => steps.run(this.#stepOf(hook, timeout), hook.run)));
  }

  #stepOf({ name, timeout }: Hook, standard: number): StopStep {
    const title = this.#titleOf(name);
    return {
      title,
      subject: `The ${title}`,
      name,
      kind: 'hook',
      path: [`in ${this.#owner}`, `-> ${this.#kind} '${name}'`],
      timeout: timeout ?? standard,
      moreTime: 'give it more time: add it with { timeout }',
      ...(this.#pluginId !== undefined && { pluginId: this.#pluginId }),
    };
  }

  #titleOf(name: string): string {
    return `${this.#kind} '${name}' of ${this.#owner}`;
  }

  get #owner(): string {
    return this.#pluginId === undefined ? 'the backend' : `plugin '${this.#pluginId}'`;
  }
}

/** The hooks of one plugin. */
export class PluginHooks {
  readonly startup: HookList;
  readonly shutdown: HookList;

  constructor(pluginId: string) {
    this.startup = new HookList('startup hook', pluginId);
    this.shutdown = new HookList('shutdown hook', pluginId);
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
  readonly startup = new HookList('startup hook');
  readonly beforeShutdown = new HookList('before-shutdown hook');
  readonly shutdown = new HookList('shutdown hook');
}

/** What root services and plugins are given to add to the hooks of the backend. */
export class RootLifecycle extends RootLifecycleService implements PluginViewable<RootLifecycleService>, Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #hooks: RootHooks;
  readonly #ofPlugin: boolean;
  readonly #added: (() => void)[] = [];

  constructor(hooks: RootHooks, ofPlugin = false) {
    super();
    this.#hooks = hooks;
    this.#ofPlugin = ofPlugin;
    Object.freeze(this);
  }

  override addStartupHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    // A plugin that is started again comes after the moment: what fails then counts as an error the plugin left uncaught.
    if (this.#ofPlugin && this.#hooks.startup.closed) void Promise.resolve().then(hook);
    else this.#added.push(this.#hooks.startup.add(hook, options));
  }

  override addBeforeShutdownHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    this.#added.push(this.#hooks.beforeShutdown.add(hook, options));
  }

  override addShutdownHook(hook: LifecycleHook, options?: LifecycleHookOptions): void {
    this.#added.push(this.#hooks.shutdown.add(hook, options));
  }

  [pluginView](): RootLifecycleService {
    return new RootLifecycle(this.#hooks, true);
  }

  /** A plugin that ends before the backend does comes again, with the same hooks. */
  [Symbol.dispose](): void {
    if (!this.#hooks.beforeShutdown.closed) for (const remove of this.#added) remove();
  }
}
