import type { Mode } from '../api/metadata-services.js';
import type { BackendContainers } from '../container/containers.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';
import type { Problem } from '../errors/problem.js';
import type { FeatureInput } from '../scan/collect-features.js';
import type { BackendOptions, TestOptions } from './backend-options.js';
import { BackendStatus } from './backend-status.js';
import { PluginMetadata } from './built-ins.js';
import type { Framework } from './framework.js';
import { RootHooks } from './lifecycle-hooks.js';
import { discard, type Planned, planBackend } from './plan-backend.js';
import { PluginSupervisor } from './plugin-supervisor.js';
import { startRootServices } from './start-root-services.js';
import { StartSteps } from './start-steps.js';
import type { PluginStartupResult } from './startup-result.js';
import { stopBackend, type StopCause } from './stop-backend.js';
import { StopSteps } from './stop-steps.js';

/** What a backend is made of. */
export interface Ingredients {
  readonly framework: Framework;
  readonly options: BackendOptions & TestOptions;
  readonly mode: Mode;
  readonly added: readonly FeatureInput[];
}

export interface StartedParts {
  readonly planned: Planned;
  readonly containers: BackendContainers;
  readonly plugins: PluginSupervisor;
}

/** The one life of a backend, step by step: what there is of it so far, and the end of whatever that is. */
export class BackendLife {
  readonly status = new BackendStatus();
  readonly steps = new StartSteps();
  readonly #ingredients: Ingredients;
  readonly #hooks = new RootHooks();
  readonly #stopSteps = new StopSteps(this.status);
  #planned: Planned | undefined;
  #containers: BackendContainers | undefined;
  #plugins: PluginSupervisor | undefined;
  #ended: Promise<void> | undefined;

  constructor(ingredients: Ingredients) {
    this.#ingredients = ingredients;
  }

  get isPlanned(): boolean {
    return this.#planned !== undefined;
  }

  /** `undefined` until the plugins have begun to start. */
  get started(): StartedParts | undefined {
    if (!this.#planned || !this.#containers || !this.#plugins) return undefined;
    return { planned: this.#planned, containers: this.#containers, plugins: this.#plugins };
  }

  /** What became of each plugin so far. */
  get results(): readonly PluginStartupResult[] {
    return this.#plugins?.results ?? [];
  }

  /** The plan without a life; `discard()` ends what feature loaders have needed for it. */
  async plan(): Promise<Planned> {
    return planBackend({
      ...this.#ingredients,
      status: this.status.service,
      hooks: this.#hooks,
      onWarning: this.#warn,
      steps: this.#stopSteps,
    });
  }

  discard(planned: Planned): Promise<void> {
    return discard(planned, this.#stopSteps.apart(), planned.settings.hookTimeout);
  }

  /** Rejects with a `BackendStartupError` that lists every problem there is. */
  async planStart(): Promise<Planned> {
    return this.steps.run('imports and the plan', async () => {
      const planned = await this.plan();
      // Nobody waits for the plan of a backend that was stopped meanwhile.
      if (this.steps.isCancelled) await this.discard(planned);
      else this.#planned = planned;
      return planned;
    });
  }

  async startRootServices(planned: Planned): Promise<BackendContainers> {
    this.#containers = await startRootServices(planned, this.steps);
    planned.plan.warnings.forEach(this.#warn);
    return this.#containers;
  }

  /** Rejects where a plugin fails that must not. */
  async startPlugins({ plan, settings }: Planned, containers: BackendContainers): Promise<PluginSupervisor> {
    const { status } = this;
    const metadataOf = (pluginId: string) => new PluginMetadata(pluginId);
    const plugins = new PluginSupervisor(plan.plugins, { containers, settings, status, metadataOf });
    this.#plugins = plugins;
    this.steps.begin('plugins');
    await plugins.start(this.steps.cancelled);
    if (plugins.problems.length > 0) throw new BackendStartupError(plugins.problems);
    return plugins;
  }

  async runStartupHooks({ settings }: Planned): Promise<void> {
    const { begin } = this.steps;
    await this.steps.run('startup hooks', () => this.#hooks.startup.runInOrder(settings.hookTimeout, begin));
    begin('nothing more');
  }

  /**
   * An error that nobody caught, on account of a plugin. `false` where the backend cannot live with it and has to be
   * stopped.
   */
  takeStrayError(error: unknown, pluginId: string | undefined): boolean {
    const isolate = pluginId !== undefined && this.#planned?.settings.onStrayError(pluginId) === 'isolate';
    const survives = isolate && (this.#plugins?.isolate(pluginId, error) ?? false);
    const policy = survives ? 'isolate' : 'crash';
    this.status.emit({ type: 'stray-error', ...(pluginId !== undefined && { pluginId }), error, policy });
    return survives;
  }

  /** Ends whatever there is, once. Rejects with `BackendStopError`. */
  end(cause: StopCause): Promise<void> {
    this.#ended ??= stopBackend(
      {
        status: this.status,
        hooks: this.#hooks,
        steps: this.#stopSteps,
        planned: this.#planned,
        plugins: this.#plugins,
      },
      cause,
    );
    return this.#ended;
  }

  readonly #warn = (problem: Problem): void => this.status.emit({ type: 'warning', ...problem });
}
