import { currentAccount, runOnAccount } from '../api/attribution.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver } from '../api/annotated-method.js';
import type { BackendContainers, PluginScopes } from '../container/containers.js';
import type { Scope } from '../container/scope.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import type { MethodPlan, OwnerPlan } from '../plan/owner-plan.js';
import type { PluginPlan } from '../plan/plan.js';
import type { Key } from '../plan/unit.js';
import { describeOwner } from '../plan/trail.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';
import { describePlace } from '../util/source-place.js';
import type { BackendSettings } from './backend-settings.js';
import type { BackendStatus } from './backend-status.js';
import { dispose } from './dispose.js';
import { PluginHooks, PluginLifecycle } from './lifecycle-hooks.js';
import type { ModuleStartupResult } from './startup-result.js';

interface Life {
  init?(): unknown;
  shutdown?(): unknown;
}

export interface PluginSurroundings {
  readonly containers: BackendContainers;
  readonly settings: BackendSettings;
  readonly status: BackendStatus;
  /** What `PluginMetadataService` is to a plugin. */
  readonly metadataOf: (pluginId: string) => unknown;
}

/** A module that failed and must not have. */
export class ModuleFailed extends Error {
  override readonly name = 'ModuleFailed';
  readonly moduleId: string;

  constructor(moduleId: string, cause: unknown) {
    super(`module '${moduleId}' failed`, { cause });
    this.moduleId = moduleId;
  }
}

/**
 * One life of one plugin: its services, then its modules, then the plugin, then its startup hooks; and back.
 *
 * A runner is used once. A plugin that is started again gets a new one, with new containers.
 */
export class PluginRunner {
  readonly modules: ModuleStartupResult[] = [];
  readonly #plan: PluginPlan;
  readonly #around: PluginSurroundings;
  readonly #hooks: PluginHooks;
  readonly #scopes: PluginScopes;
  /** What has an `init()` that is done, in order: what is to be shut down, in reverse. */
  readonly #initialised: { readonly plan: OwnerPlan; readonly instance: Life }[] = [];
  readonly #moduleFailures = new Map<string, unknown>();
  #step = 'services';
  #abandoned = false;
  #stopping: Promise<Problem[]> | undefined;

  constructor(plan: PluginPlan, around: PluginSurroundings) {
    this.#plan = plan;
    this.#around = around;
    this.#hooks = new PluginHooks(plan.pluginId);
    this.#scopes = around.containers.openPlugin(plan, {
      service: id => (id === 'core.lifecycle' ? new PluginLifecycle(this.#hooks) : around.metadataOf(plan.pluginId)),
      onModuleFailure: ({ moduleId, error }) => this.#noteModuleFailure(moduleId, error),
    });
  }

  get scopes(): PluginScopes {
    return this.#scopes;
  }

  /** Rejects with what failed, with `ModuleFailed` where that is a module, or with `PLUGIN_START_TIMEOUT`. */
  async start(): Promise<void> {
    const { pluginId } = this.#plan;
    const timeout = this.#around.settings.initTimeout(pluginId);
    try {
      await withDeadline(timeout, () => this.#onAccount(() => this.#run()));
    } catch (error) {
      if (error instanceof DeadlineExceeded) throw this.#hung(timeout);
      throw error;
    }
  }

  /** Ends whatever was begun, in reverse; safe at any time and more than once. Gives back what did not end well. */
  stop(): Promise<Problem[]> {
    return (this.#stopping ??= this.#onAccount(() => this.#end()));
  }

  #onAccount<T>(work: () => T): T {
    const { pluginId } = this.#plan;
    const account = currentAccount();
    if (account?.pluginId === pluginId && !account.request) return work();
    return runOnAccount({ backend: this.#around.status.service, pluginId }, work);
  }

  async #run(): Promise<void> {
    const { plugin, modules, eager } = this.#plan;
    for (const id of eager) await this.#ensure(this.#scopes.services, id);
    for (const id of plugin.extensionPoints) await this.#ensure(this.#scopes.plugin, id);
    for (const module of modules) await this.#startModule(module);
    await this.#startOwner(plugin, this.#scopes.plugin);
    this.#scopes.closeExtensionPoints();
    this.#step = 'startup hooks';
    await this.#hooks.startup.runInOrder(this.#around.settings.hookTimeout);
    this.#goOn();
  }

  /** Work that outlives the runner's deadline, or its stop, must not get to its next step. */
  #goOn(): void {
    if (this.#abandoned) throw new Error('the start was given up');
  }

  async #ensure(scope: Scope, key: Key): Promise<void> {
    await scope.ensure(key);
    this.#goOn();
  }

  async #startModule(plan: OwnerPlan): Promise<void> {
    if (!('moduleId' in plan.owner)) return;
    const { moduleId, pluginId } = plan.owner;
    const { settings, status } = this.#around;
    const allowed = settings.onModuleFailure(pluginId, moduleId) === 'continue';
    const begin = performance.now();
    try {
      await this.#startOwner(plan, this.#scopes.module(moduleId)!);
      if (this.#moduleFailures.has(moduleId)) throw this.#moduleFailures.get(moduleId);
      this.modules.push({ moduleId, duration: performance.now() - begin });
    } catch (error) {
      this.modules.push({ moduleId, duration: performance.now() - begin, failure: { error, allowed } });
      status.emit({ type: 'module-failed', pluginId, moduleId, error, allowed });
      if (!allowed) throw new ModuleFailed(moduleId, error);
    }
  }

  async #startOwner(plan: OwnerPlan, scope: Scope): Promise<void> {
    const title = describeOwner(plan.owner);
    if (!plan.main) return;
    this.#step = `constructor of ${title}`;
    await this.#ensure(scope, plan.main.key);
    for (const controller of plan.controllers) await this.#ensure(scope, controller);
    for (const method of plan.methods) await this.#bind(method, plan, scope);
    const instance = scope.get(plan.main.key) as Life;
    this.#step = `init() of ${title}`;
    if (typeof instance.init === 'function') await this.#init(instance, plan);
    this.#goOn();
    this.#initialised.push({ plan, instance });
  }

  async #init(instance: Life, plan: OwnerPlan): Promise<void> {
    const title = describeOwner(plan.owner);
    try {
      await instance.init!();
    } catch (error) {
      const place = describePlace(plan.record?.site);
      throw new BackplaneError({
        code: plan.owner.kind === 'module' ? 'MODULE_INIT_FAILED' : 'PLUGIN_INIT_FAILED',
        message: `init() of ${title} failed`,
        path: [`in ${title}${place ? ` (${place})` : ''}`],
        fix:
          plan.owner.kind === 'module'
            ? `mend the error below, or let the plugin start without it: backend.startup.plugins.${plan.owner.pluginId}.modules.${'moduleId' in plan.owner ? plan.owner.moduleId : ''}.onPluginModuleBootFailure: continue.`
            : `mend the error below, or let the backend start without it: backend.startup.plugins.${plan.owner.pluginId}.onPluginBootFailure: continue.`,
        cause: error,
      });
    }
  }

  async #bind(
    { annotation, options, record, instance, receiver }: MethodPlan,
    { owner }: OwnerPlan,
    scope: Scope,
  ): Promise<void> {
    await this.#ensure(scope, receiver.key);
    const target = scope.get(instance) as Record<string, (...args: never[]) => unknown>;
    const method: AnnotatedMethod = {
      pluginId: owner.pluginId,
      ...('moduleId' in owner && { moduleId: owner.moduleId }),
      name: `${record.name}.${annotation.method}`,
      decorator: annotation.decorator,
      options,
      get place() {
        return describePlace(annotation.site);
      },
      middleware: record.middlewareOf(annotation.method),
      call: (...args) => target[annotation.method]!(...args),
    };
    (scope.get(receiver.key) as AnnotatedMethodReceiver).addMethod(method);
  }

  #noteModuleFailure(moduleId: string, error: unknown): void {
    const { pluginId } = this.#plan;
    const finished = this.modules.findIndex(result => result.moduleId === moduleId);
    this.#moduleFailures.set(moduleId, error);
    const allowed = this.#around.settings.onModuleFailure(pluginId, moduleId) === 'continue';
    if (finished < 0) return;
    this.modules[finished] = { ...this.modules[finished]!, failure: { error, allowed } };
    this.#around.status.emit({ type: 'module-failed', pluginId, moduleId, error, allowed });
  }

  #hung(timeout: number): BackplaneError {
    const { pluginId } = this.#plan;
    return new BackplaneError({
      code: 'PLUGIN_START_TIMEOUT',
      message: `Plugin '${pluginId}' init did not finish in ${timeout} ms (waiting for: ${this.#step})`,
      path: [`in plugin '${pluginId}'`, `-> ${this.#step}`],
      fix: `end what it waits for, or give it more time: backend.startup.plugins.${pluginId}.initTimeout.`,
    });
  }

  async #end(): Promise<Problem[]> {
    this.#abandoned = true;
    const { hookTimeout } = this.#around.settings;
    const problems = await this.#hooks.shutdown.runInReverse(hookTimeout);
    for (const { plan, instance } of this.#initialised.toReversed()) {
      const problem = await this.#shutDown(plan, instance, hookTimeout);
      if (problem) problems.push(problem);
    }
    const disposed = await dispose(this.#scopes.log, {
      owner: `plugin '${this.#plan.pluginId}'`,
      timeout: hookTimeout,
      onLateProblem: problem => this.#around.status.emit({ type: 'warning', ...problem }),
    });
    return [...problems, ...disposed];
  }

  async #shutDown({ owner }: OwnerPlan, instance: Life, timeout: number): Promise<Problem | undefined> {
    if (typeof instance.shutdown !== 'function') return undefined;
    const title = describeOwner(owner);
    try {
      await withDeadline(timeout, () => instance.shutdown!());
      return undefined;
    } catch (error) {
      const late = error instanceof DeadlineExceeded;
      return {
        code: late ? 'SHUTDOWN_TIMEOUT' : 'SHUTDOWN_FAILED',
        message: late ? `shutdown() of ${title} did not finish in ${timeout} ms` : `shutdown() of ${title} failed`,
        path: [`in ${title}`],
        fix: late ? 'end what it waits for, or raise backend.lifecycle.hookTimeout.' : 'mend the error below.',
        ...(!late && { cause: error }),
      };
    }
  }
}
