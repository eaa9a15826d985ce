import type { BackendStatusService } from '../api/backend-status-service.js';
import type { RootConfigService } from '../api/config-service.js';
import type { InstalledPlugin, Mode } from '../api/metadata-services.js';
import { BackendContainers } from '../container/containers.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';
import { BackendStopError } from '../errors/backend-stop-error.js';
import type { Problem } from '../errors/problem.js';
import type { Plan } from '../plan/plan.js';
import type { FeatureInput } from '../scan/collect-features.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';
import type { BackendOptions, TestOptions } from './backend-options.js';
import { lifeError, problemsOf, slowRootService, slowStop } from './backend-problems.js';
import { BackendStatus } from './backend-status.js';
import { installedIn, PluginMetadata, RootInstanceMetadata } from './built-ins.js';
import type { Framework } from './framework.js';
import { RootHooks, RootLifecycle } from './lifecycle-hooks.js';
import { saidMode } from './mode.js';
import { discard, type Planned, planBackend } from './plan-backend.js';
import { PluginSupervisor } from './plugin-supervisor.js';
import type { PluginStartupResult, StartupResult } from './startup-result.js';

/**
 * A backend: what was added to it, its containers, and its life from start to stop.
 *
 * A backend is started once. What it needs of the default services it is given as a {@link Framework}.
 */
export class Backend implements AsyncDisposable {
  readonly #framework: Framework;
  readonly #options: BackendOptions & TestOptions;
  readonly #added: FeatureInput[] = [];
  readonly #status = new BackendStatus();
  readonly #hooks = new RootHooks();
  readonly #mode: Mode;
  /** Nothing until the plan is made. */
  #installed: readonly InstalledPlugin[] = Object.freeze([]);
  #started: Promise<StartupResult> | undefined;
  #stopped: Promise<void> | undefined;
  #ended: Promise<void> | undefined;
  #cancel: () => void = () => {};
  readonly #cancelled = new Promise<void>(resolve => (this.#cancel = resolve));
  #planned: Planned | undefined;
  #containers: BackendContainers | undefined;
  #plugins: PluginSupervisor | undefined;
  #step = 'nothing';

  constructor(framework: Framework, options: BackendOptions & TestOptions = {}) {
    this.#framework = framework;
    this.#options = options;
    this.#mode = options.mode ?? saidMode() ?? 'production';
    this.#added.push(...(options.features ?? []));
    // Promises among the features may reject before the start gets to them.
    for (const feature of this.#added) if (feature instanceof Promise) feature.catch(() => {});
  }

  /** What is going on, and who wants to be told. */
  get status(): BackendStatusService {
    return this.#status.service;
  }

  /** Adds a feature, or a promise of one. Throws `BACKEND_STARTED` once the backend has started. */
  add(feature: FeatureInput): this {
    if (this.#started || this.#stopped)
      throw lifeError('BACKEND_STARTED', 'A feature was added after the backend had started');
    if (feature instanceof Promise) feature.catch(() => {});
    this.#added.push(feature);
    return this;
  }

  /** What would be started. Rejects with every problem there is; constructs nothing but what feature loaders need. */
  async plan(): Promise<Plan> {
    const planned = await this.#makePlan();
    const problems = await discard(planned, planned.settings.hookTimeout, this.#warn);
    problems.forEach(this.#warn);
    return planned.plan;
  }

  /** Starts everything, or nothing: on failure what had started is stopped again. Rejects with `BackendStartupError`. */
  start(): Promise<StartupResult> {
    if (this.#stopped)
      return Promise.reject(lifeError('BACKEND_STOPPED', 'The backend was started after it had been stopped'));
    if (this.#started) return Promise.reject(lifeError('BACKEND_STARTED', 'The backend was started twice'));
    this.#started = this.#start(new Date(), performance.now());
    return this.#started;
  }

  /** Stops everything, once; whoever asks again waits for the same stop. Rejects with `BackendStopError`. */
  stop({ urgent = false }: { urgent?: boolean } = {}): Promise<void> {
    this.#cancel();
    return (this.#stopped ??= this.#stop(urgent));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * An error that nobody caught, on account of a plugin. `false` where the backend cannot live with it and has to be
   * stopped.
   */
  takeStrayError(error: unknown, pluginId: string | undefined): boolean {
    const settings = this.#planned?.settings;
    const isolate = pluginId !== undefined && settings?.onStrayError(pluginId) === 'isolate';
    this.#status.emit({
      type: 'stray-error',
      ...(pluginId !== undefined && { pluginId }),
      error,
      policy: isolate ? 'isolate' : 'crash',
    });
    return isolate && (this.#plugins?.isolate(pluginId, error) ?? false);
  }

  /** The containers and plugins of a started backend, for `backplane/testing`. */
  protected inspect(): { planned: Planned; containers: BackendContainers; plugins: PluginSupervisor } | undefined {
    if (!this.#planned || !this.#containers || !this.#plugins) return undefined;
    return { planned: this.#planned, containers: this.#containers, plugins: this.#plugins };
  }

  async #start(beginAt: Date, begin: number): Promise<StartupResult> {
    const result = (outcome: StartupResult['outcome'], plugins: readonly PluginStartupResult[]): StartupResult => ({
      beginAt,
      resultAt: new Date(),
      duration: performance.now() - begin,
      outcome,
      plugins,
    });
    const planned = (this.#planned = await this.#makePlan());
    let plugins: readonly PluginStartupResult[] = [];
    try {
      await this.#startRootServices(planned);
      const started = await this.#startPlugins(planned);
      plugins = started.results;
      if (started.problems.length > 0) throw new BackendStartupError(started.problems);
      this.#refuseIfStopping();
      this.#step = 'startup hooks';
      await this.#hooks.startup.runInOrder(planned.settings.hookTimeout);
      this.#refuseIfStopping();
    } catch (error) {
      const rollback = await this.#rollBack();
      throw new BackendStartupError([...problemsOf(error), ...rollback], result('failure', plugins));
    }
    this.#status.enter('ready');
    this.#status.emit({ type: 'backend-started', duration: performance.now() - begin, plugins: plugins.length });
    return result('success', plugins);
  }

  async #makePlan(): Promise<Planned> {
    this.#step = 'imports and the plan';
    const provided = new Map<string, unknown>([
      ['core.backend-status', this.#status.service],
      ['core.root-instance-metadata', new RootInstanceMetadata(this.#mode, () => this.#installed)],
      ['core.root-lifecycle', new RootLifecycle(this.#hooks)],
    ]);
    const planned = await planBackend({
      framework: this.#framework,
      options: this.#options,
      added: this.#added,
      provided,
      onWarning: this.#warn,
    });
    this.#installed = installedIn(planned.plan);
    return planned;
  }

  async #startRootServices({ plan, provided, loaders, settings }: Planned): Promise<void> {
    this.#containers = new BackendContainers(plan, provided, loaders);
    for (const id of plan.eagerRoot) {
      this.#refuseIfStopping();
      this.#step = `root service '${id}'`;
      try {
        await withDeadline(settings.initTimeout(''), () => this.#containers!.root.ensure(id));
      } catch (error) {
        throw error instanceof DeadlineExceeded ? slowRootService(id, error.milliseconds) : error;
      }
    }
    plan.warnings.forEach(this.#warn);
  }

  async #startPlugins({
    plan,
    settings,
  }: Planned): Promise<{ results: readonly PluginStartupResult[]; problems: readonly Problem[] }> {
    this.#step = 'plugins';
    this.#plugins = new PluginSupervisor(plan.plugins, {
      containers: this.#containers!,
      settings,
      status: this.#status,
      metadataOf: pluginId => new PluginMetadata(pluginId),
    });
    return this.#plugins.start(this.#cancelled);
  }

  #refuseIfStopping(): void {
    if (this.#stopped) throw lifeError('START_CANCELLED', 'The backend was stopped while it started');
  }

  async #rollBack(): Promise<Problem[]> {
    try {
      await (this.#ended ??= this.#shutDown(true));
      return [];
    } catch (error) {
      return problemsOf(error);
    } finally {
      // Where the stop came before the plan, it knew nothing of what the plan has made.
      if (this.#planned) await discard(this.#planned, this.#planned.settings.hookTimeout, this.#warn);
    }
  }

  /** A start that is under way notices that it is cancelled and undoes what it has done; that then is the stop. */
  async #stop(urgent: boolean): Promise<void> {
    if (this.#planned) await this.#started?.catch(() => {});
    await (this.#ended ??= this.#shutDown(urgent));
  }

  async #shutDown(urgent: boolean): Promise<void> {
    const limit = urgent ? 6_000 : (this.#planned?.settings.shutdownTimeout ?? 28_000);
    this.#status.enter('stopping', urgent);
    let problems: Problem[];
    try {
      problems = await withDeadline(limit, () => this.#end(this.#planned?.settings.hookTimeout ?? 5_000));
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error;
      problems = [slowStop(limit, this.#step)];
    }
    this.#status.enter('stopped');
    if (problems.length > 0) throw new BackendStopError(problems);
  }

  async #end(timeout: number): Promise<Problem[]> {
    this.#step = 'before-shutdown hooks';
    const problems = await this.#hooks.beforeShutdown.runTogether(timeout);
    this.#step = 'plugins';
    problems.push(...((await this.#plugins?.stop()) ?? []));
    this.#step = 'shutdown hooks';
    problems.push(...(await this.#hooks.shutdown.runInReverse(timeout)));
    problems.forEach(this.#warn);
    this.#step = 'root services';
    if (this.#planned) problems.push(...(await discard(this.#planned, timeout, this.#warn)));
    return problems;
  }

  readonly #warn = (problem: Problem): void => this.#status.emit({ type: 'warning', ...problem });
}

/** The configuration as the engine holds it: it also ends its watching. */
export type EngineConfig = RootConfigService & Disposable;
