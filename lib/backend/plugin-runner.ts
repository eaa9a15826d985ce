import { currentAccount, runOnAccount } from '../api/attribution.js';
import type { BackendContainers } from '../container/containers.js';
import type { PluginScopes } from '../container/plugin-scopes.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { OwnerPlan } from '../plan/owner-plan.js';
import type { PluginPlan } from '../plan/plan.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';
import type { BackendSettings } from './backend-settings.js';
import type { BackendStatus } from './backend-status.js';
import { PlannedTables } from './built-ins.js';
import { dispose } from './dispose.js';
import { PluginHooks, PluginLifecycle } from './lifecycle-hooks.js';
import { ModuleStarts } from './module-starts.js';
import { OwnerLife } from './owner-life.js';
import type { ModuleStartupResult } from './startup-result.js';
import type { StopSteps } from './stop-steps.js';

export interface PluginSurroundings {
  readonly containers: BackendContainers;
  readonly settings: BackendSettings;
  readonly status: BackendStatus;
  /** What `PluginMetadataService` is to a plugin. */
  readonly metadataOf: (pluginId: string) => unknown;
}

/**
 * One life of one plugin: its services, then its modules, then the plugin, then its startup hooks; and back.
 *
 * A runner is used once. A plugin that is started again gets a new one, with new containers.
 */
export class PluginRunner {
  readonly #plan: PluginPlan;
  readonly #around: PluginSurroundings;
  readonly #hooks: PluginHooks;
  readonly #scopes: PluginScopes;
  readonly #lives: OwnerLife[] = [];
  readonly #modules: ModuleStarts;
  /** To other plugins, by what starts here. */
  readonly #calls = new Set<string>();
  #step = '';
  #isEnding = false;
  #run: Promise<void> | undefined;
  #giveUp: (reason: unknown) => void = () => {};
  #stopped: Promise<void> | undefined;

  constructor(plan: PluginPlan, around: PluginSurroundings) {
    this.#plan = plan;
    this.#around = around;
    this.#hooks = new PluginHooks(plan.pluginId);
    this.#modules = new ModuleStarts(plan.pluginId, around);
    this.#scopes = around.containers.openPlugin(plan, {
      service: id => this.#builtIn(id),
      onModuleFailure: ({ moduleId, error }) => this.#modules.blame(moduleId, error),
    });
  }

  /** What has become of its modules so far, in the order in which they run. */
  get modules(): readonly ModuleStartupResult[] {
    return this.#modules.results;
  }

  get scopes(): PluginScopes {
    return this.#scopes;
  }

  /**
   * Rejects with what failed: with `ModuleFailed` where that is a module, with `PLUGIN_START_TIMEOUT`, or with the reason
   * given to `stop()`.
   */
  async start(): Promise<void> {
    const timeout = this.#around.settings.initTimeout(this.#plan.pluginId);
    const givenUp = new Promise<never>((_resolve, reject) => (this.#giveUp = reject));
    try {
      await withDeadline(timeout, () => {
        this.#run = this.#onAccount(() => this.#begin());
        return Promise.race([this.#run, givenUp]);
      });
    } catch (error) {
      throw error instanceof DeadlineExceeded ? this.#hung(timeout) : error;
    }
  }

  /** Ends whatever was begun, in reverse; safe at any time and more than once. */
  stop(steps: StopSteps, reason: unknown = startCancelled(this.#plan.pluginId)): Promise<void> {
    return (this.#stopped ??= this.#onAccount(() => {
      this.#isEnding = true;
      this.#modules.giveUp();
      this.#giveUp(reason);
      const ended = this.#end(steps);
      // An init() that is still running may be done later.
      void Promise.allSettled([this.#run, ended]).then(() => this.#endLives(steps.apart()));
      return ended;
    }));
  }

  #builtIn(id: string): unknown {
    if (id === 'core.lifecycle') return new PluginLifecycle(this.#hooks);
    return id === 'core.declared-tables' ? new PlannedTables(this.#plan) : this.#around.metadataOf(this.#plan.pluginId);
  }

  #onAccount<T>(work: () => T): T {
    const { pluginId } = this.#plan;
    const backend = this.#around.status.service;
    const account = currentAccount();
    if (account?.backend === backend && account.pluginId === pluginId && !account.request) return work();
    return runOnAccount({ backend, pluginId, calls: this.#calls }, work);
  }

  async #begin(): Promise<void> {
    const { plugin, modules, eager } = this.#plan;
    this.#reach('services');
    for (const id of eager) {
      const made = this.#scopes.services.ensure(id);
      if (made) await made;
    }
    this.#reach('extension points');
    for (const id of plugin.extensionPoints) {
      const made = this.#scopes.plugin.ensure(id);
      if (made) await made;
    }
    const begun: [moduleId: string, OwnerLife][] = [];
    for (const module of modules) {
      if (!('moduleId' in module.owner)) continue;
      const { moduleId } = module.owner;
      const life = this.#lifeOf(module);
      if (await this.#modules.try(moduleId, () => life.begin())) begun.push([moduleId, life]);
    }
    const life = this.#lifeOf(plugin);
    await life.begin();
    this.#modules.refuseFailed();
    // Until now the plugin may have found that it cannot use what a module has given it.
    const sound = begun.filter(([moduleId]) => !this.#modules.isBlamed(moduleId));
    for (const [moduleId, module] of sound) await this.#modules.try(moduleId, () => module.serve());
    await life.serve();
    this.#scopes.closeExtensionPoints();
    await this.#hooks.startup.runInOrder(this.#around.settings.hookTimeout, step => this.#reach(step));
    this.#modules.refuseFailed();
    for (const [moduleId, module] of sound) if (this.#modules.hasFailed(moduleId)) module.withdraw();
    this.#modules.close();
  }

  /** Work that outlives the runner's deadline, or its stop, must not get to its next step. */
  #reach(step: string): void {
    if (this.#isEnding) throw new Error('the start was given up');
    this.#step = step;
  }

  #lifeOf(plan: OwnerPlan): OwnerLife {
    const scope = 'moduleId' in plan.owner ? this.#scopes.module(plan.owner.moduleId)! : this.#scopes.plugin;
    const life = new OwnerLife(plan, scope, step => this.#reach(step));
    this.#lives.push(life);
    return life;
  }

  #hung(timeout: number): BackplaneError {
    const { pluginId } = this.#plan;
    const calls = [...this.#calls];
    const waiting = [...this.#scopes.inTheMaking(), ...calls];
    const callLater =
      calls.length > 0
        ? `where that waits for '${pluginId}' in turn, call it when its answer is needed, not in init(); or `
        : '';
    return new BackplaneError({
      code: 'PLUGIN_START_TIMEOUT',
      message: `Plugin '${pluginId}' init did not finish in ${timeout} ms (waiting for: ${calls[0] ?? waiting[0] ?? this.#step})`,
      path: [`in plugin '${pluginId}'`, `-> ${this.#step}`, ...waiting.map(title => `-> ${title}`)],
      fix: `${callLater}end what it waits for, or give it more time: backend.startup.plugins.${pluginId}.initTimeout.`,
    });
  }

  async #end(steps: StopSteps): Promise<void> {
    const { hookTimeout } = this.#around.settings;
    await this.#hooks.shutdown.runInReverse(hookTimeout, steps);
    await this.#endLives(steps);
    await dispose(this.#scopes.log, steps, { pluginId: this.#plan.pluginId, timeout: hookTimeout });
  }

  async #endLives(steps: StopSteps): Promise<void> {
    for (const life of this.#lives.toReversed()) await life.end(steps, this.#around.settings.hookTimeout);
  }
}

/** Why a plugin that is stopped while it starts does not start. */
export function startCancelled(pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'START_CANCELLED',
    message: `Plugin '${pluginId}' was still starting when the start was given up`,
    path: [`in plugin '${pluginId}'`],
    fix: 'see to what ended the start.',
  });
}
