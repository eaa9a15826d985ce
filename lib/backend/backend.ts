import { refuseToImport } from '../api/importing.js';
import type { BackendStatusService } from '../api/backend-status-service.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';
import type { Problem } from '../errors/problem.js';
import type { Plan } from '../plan/plan.js';
import { type FeatureInput, quieten } from '../scan/collect-features.js';
import { BackendLife, type StartedParts } from './backend-life.js';
import type { BackendOptions, TestOptions } from './backend-options.js';
import { lifeError, problemsOf } from './backend-problems.js';
import type { Framework } from './framework.js';
import { modeOf } from './mode.js';
import type { PluginSupervisor } from './plugin-supervisor.js';
import { StartupClock, type StartupResult } from './startup-result.js';
import type { StopCause } from './stop-backend.js';

/**
 * The engine of a backend: what was added to it, and its one start and one stop.
 *
 * What it needs of the default services it is given as a {@link Framework}.
 */
export class Backend implements AsyncDisposable {
  readonly #added: FeatureInput[] = [];
  readonly #life: BackendLife;
  #started: Promise<StartupResult> | undefined;
  #stopped: Promise<void> | undefined;
  /** What ends a start that does not come to its end. */
  #cause: StopCause = 'failure';

  constructor(framework: Framework, options: BackendOptions & TestOptions = {}) {
    const mode = modeOf(options);
    this.#life = new BackendLife({ framework, options, mode, added: this.#added });
    this.#added.push(...(options.features ?? []));
    quieten(this.#added);
  }

  /** What is going on, and who wants to be told. */
  get status(): BackendStatusService {
    return this.#life.status.service;
  }

  /** What the start is at, for a process that comes to its end before the start does. */
  get startStep(): string {
    return this.#life.steps.current;
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
  async plan(): Promise<Plan> {
    try {
      const planned = await this.#life.plan();
      await this.#life.discard(planned);
      return planned.plan;
    } catch (error) {
      throw new BackendStartupError(problemsOf(error));
    }
  }

  /** Starts everything, or nothing: on failure what had started is stopped again. Rejects with `BackendStartupError`. */
  start(): Promise<StartupResult> {
    const refused = refuseToImport();
    if (refused) return refused;
    if (this.#stopped)
      return Promise.reject(lifeError('BACKEND_STOPPED', 'The backend was started after it had been stopped'));
    if (this.#started) return Promise.reject(lifeError('BACKEND_STARTED', 'The backend was started twice'));
    this.#started = this.#start(new StartupClock());
    return this.#started;
  }

  /** Stops everything, once; whoever asks again waits for the same stop. Rejects with `BackendStopError`. */
  stop({ urgent = false }: { urgent?: boolean } = {}): Promise<void> {
    if (urgent) this.#cause = 'stray-error';
    this.#life.steps.cancel();
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
    return this.#life.takeStrayError(error, pluginId);
  }

  /** The plan, containers and plugins of a started backend, for `backplane/testing`. */
  protected inspect(): StartedParts | undefined {
    return this.#life.started;
  }

  async #start(clock: StartupClock): Promise<StartupResult> {
    const life = this.#life;
    try {
      const planned = await life.planStart();
      const containers = await life.startRootServices(planned);
      const plugins = await life.startPlugins(planned, containers);
      void plugins.failed.then(() => this.#endFailed(plugins));
      await life.runStartupHooks(planned);
    } catch (error) {
      const rollback = await this.#rollBack();
      const result = life.isPlanned ? clock.result('failure', life.results) : undefined;
      throw new BackendStartupError([...problemsOf(error), ...rollback], result);
    }
    life.status.enter('ready');
    life.status.emit({ type: 'backend-started', duration: clock.duration, plugins: life.results.length });
    return clock.result('success', life.results);
  }

  async #rollBack(): Promise<Problem[]> {
    try {
      await this.#life.end(this.#cause);
      return [];
    } catch (error) {
      return problemsOf(error);
    }
  }

  /** A start that is under way notices that it is cancelled and undoes what it has done; that then is the stop. */
  async #stop(urgent: boolean): Promise<void> {
    await this.#started?.catch(() => {});
    await this.#life.end(urgent ? 'stray-error' : 'request');
  }

  /** A plugin that must not fail has failed for good: whoever hosts the backend only chooses the exit code. */
  #endFailed({ problems }: PluginSupervisor): void {
    // What does not end well is told by the status, and to everybody who waits for the stop.
    if (this.status.phase === 'ready') this.stop({ urgent: true }).catch(() => {});
    else this.#life.steps.cancel(new BackendStartupError(problems));
  }
}
