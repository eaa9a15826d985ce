import type { BackendStatusService } from '../api/backend-status-service.js';
import type { InstalledPlugin, Mode } from '../api/metadata-services.js';
import type { BackendContainers } from '../container/containers.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';
import type { Problem } from '../errors/problem.js';
import type { Plan } from '../plan/plan.js';
import { type FeatureInput, quieten } from '../scan/collect-features.js';
import type { BackendOptions, TestOptions } from './backend-options.js';
import { lifeError, problemsOf } from './backend-problems.js';
import { checkOptions } from './check-options.js';
import { BackendStatus } from './backend-status.js';
import { installedIn, PluginMetadata, RootInstanceMetadata } from './built-ins.js';
import type { Framework } from './framework.js';
import { RootHooks, RootLifecycle } from './lifecycle-hooks.js';
import { saidMode } from './mode.js';
import { discard, type Planned, planBackend } from './plan-backend.js';
import { PluginSupervisor } from './plugin-supervisor.js';
import { StartupClock, type StartupResult } from './startup-result.js';
import { startRootServices } from './start-root-services.js';
import { StartSteps } from './start-steps.js';
import { stopBackend, type StopCause } from './stop-backend.js';
import { StopSteps } from './stop-steps.js';

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
  /** What ends a start that does not come to its end. */
  #cause: StopCause = 'failure';
  readonly #startSteps = new StartSteps();
  readonly #stopSteps = new StopSteps(this.#status);
  #planned: Planned | undefined;
  #containers: BackendContainers | undefined;
  #plugins: PluginSupervisor | undefined;

  constructor(framework: Framework, options: BackendOptions & TestOptions = {}) {
    checkOptions(options);
    this.#framework = framework;
    this.#options = options;
    this.#mode = options.mode ?? saidMode() ?? 'production';
    this.#added.push(...(options.features ?? []));
    quieten(this.#added);
  }

  /** What is going on, and who wants to be told. */
  get status(): BackendStatusService {
    return this.#status.service;
  }

  /** Adds a feature, or a promise of one. Throws `BACKEND_STARTED` once the backend has started. */
  add(feature: FeatureInput): this {
    if (this.#started || this.#stopped)
      throw lifeError('BACKEND_STARTED', 'A feature was added after the backend had started');
    quieten(feature);
    this.#added.push(feature);
    return this;
  }

  /** The plan, without a start. Rejects with every problem there is; constructs nothing but what feature loaders need. */
  async makePlan(): Promise<Plan> {
    const planned = await this.#makePlan().catch((error: unknown) => {
      throw new BackendStartupError(problemsOf(error));
    });
    await this.#discard(planned);
    return planned.plan;
  }

  /** Starts everything, or nothing: on failure what had started is stopped again. Rejects with `BackendStartupError`. */
  start(): Promise<StartupResult> {
    if (this.#stopped)
      return Promise.reject(lifeError('BACKEND_STOPPED', 'The backend was started after it had been stopped'));
    if (this.#started) return Promise.reject(lifeError('BACKEND_STARTED', 'The backend was started twice'));
    this.#started = this.#start(new StartupClock());
    return this.#started;
  }

  /** Stops everything, once; whoever asks again waits for the same stop. Rejects with `BackendStopError`. */
  stop({ urgent = false }: { urgent?: boolean } = {}): Promise<void> {
    if (urgent) this.#cause = 'stray-error';
    this.#startSteps.cancel();
    return (this.#stopped ??= this.#stop(urgent));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** What the start is at, for a process that comes to its end before the start does. */
  get startStep(): string {
    return this.#startSteps.current;
  }

  /**
   * An error that nobody caught, on account of a plugin. `false` where the backend cannot live with it and has to be
   * stopped.
   */
  takeStrayError(error: unknown, pluginId: string | undefined): boolean {
    const settings = this.#planned?.settings;
    const isolate = pluginId !== undefined && settings?.onStrayError(pluginId) === 'isolate';
    const survives = isolate && (this.#plugins?.isolate(pluginId, error) ?? false);
    const policy = survives ? 'isolate' : 'crash';
    this.#status.emit({ type: 'stray-error', ...(pluginId !== undefined && { pluginId }), error, policy });
    return survives;
  }

  /** The containers and plugins of a started backend, for `backplane/testing`. */
  protected inspect(): { planned: Planned; containers: BackendContainers; plugins: PluginSupervisor } | undefined {
    if (!this.#planned || !this.#containers || !this.#plugins) return undefined;
    return { planned: this.#planned, containers: this.#containers, plugins: this.#plugins };
  }

  async #start(clock: StartupClock): Promise<StartupResult> {
    try {
      const planned = await this.#startSteps.run('imports and the plan', () => this.#planStart());
      this.#containers = await startRootServices(planned, this.#startSteps);
      planned.plan.warnings.forEach(this.#warn);
      await this.#startPlugins(planned, this.#containers);
      await this.#runStartupHooks(planned);
    } catch (error) {
      const rollback = await this.#rollBack();
      const problems = [...problemsOf(error), ...rollback];
      throw new BackendStartupError(problems, this.#planned && clock.result('failure', this.#results));
    }
    this.#status.enter('ready');
    this.#status.emit({ type: 'backend-started', duration: clock.duration, plugins: this.#results.length });
    return clock.result('success', this.#results);
  }

  async #makePlan(): Promise<Planned> {
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
      steps: this.#stopSteps,
    });
    this.#installed = installedIn(planned.plan);
    return planned;
  }

  async #planStart(): Promise<Planned> {
    const planned = await this.#makePlan();
    // Nobody waits for the plan of a backend that was stopped meanwhile.
    if (this.#startSteps.isCancelled) await this.#discard(planned);
    else this.#planned = planned;
    return planned;
  }

  #discard(planned: Planned): Promise<void> {
    return discard(planned, this.#stopSteps.apart(), planned.settings.hookTimeout);
  }

  async #startPlugins({ plan, settings }: Planned, containers: BackendContainers): Promise<void> {
    const plugins = (this.#plugins = new PluginSupervisor(plan.plugins, {
      containers,
      settings,
      status: this.#status,
      metadataOf: pluginId => new PluginMetadata(pluginId),
    }));
    this.#startSteps.begin('plugins');
    await plugins.start(this.#startSteps.cancelled);
    if (plugins.problems.length > 0) throw new BackendStartupError(plugins.problems);
    void plugins.failed.then(() => this.#endFailed(plugins));
  }

  async #runStartupHooks({ settings }: Planned): Promise<void> {
    const { begin } = this.#startSteps;
    await this.#startSteps.run('startup hooks', () => this.#hooks.startup.runInOrder(settings.hookTimeout, begin));
    begin('nothing more');
  }

  async #rollBack(): Promise<Problem[]> {
    try {
      await this.#end(this.#cause);
      return [];
    } catch (error) {
      return problemsOf(error);
    }
  }

  /** A start that is under way notices that it is cancelled and undoes what it has done; that then is the stop. */
  async #stop(urgent: boolean): Promise<void> {
    await this.#started?.catch(() => {});
    await this.#end(urgent ? 'stray-error' : 'request');
  }

  #end(cause: StopCause): Promise<void> {
    this.#ended ??= stopBackend(
      {
        status: this.#status,
        hooks: this.#hooks,
        steps: this.#stopSteps,
        planned: this.#planned,
        plugins: this.#plugins,
      },
      cause,
    );
    return this.#ended;
  }

  /** A plugin that must not fail has failed for good: whoever hosts the backend only chooses the exit code. */
  #endFailed({ problems }: PluginSupervisor): void {
    // What does not end well is told by the status, and to everybody who waits for the stop.
    if (this.#status.phase === 'ready') this.stop({ urgent: true }).catch(() => {});
    else this.#startSteps.cancel(new BackendStartupError(problems));
  }

  get #results(): StartupResult['plugins'] {
    return this.#plugins?.results ?? [];
  }

  readonly #warn = (problem: Problem): void => this.#status.emit({ type: 'warning', ...problem });
}
