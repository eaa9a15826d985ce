import type { Problem } from '../errors/problem.js';
import type { PluginPlan } from '../plan/plan.js';
import { pause } from '../util/pause.js';
import { problemOf } from './failure-problem.js';
import { ModuleFailed } from './module-failed.js';
import { PluginRunner, type PluginSurroundings, startCancelled } from './plugin-runner.js';
import { RestartPolicy } from './restart-policy.js';
import type { PluginStartupResult, StartupFailure } from './startup-result.js';
import { StopSteps } from './stop-steps.js';

/** How long the other plugins may still take once one has failed the start: what else is wrong is worth knowing, but not worth a wait. */
const graceAfterFailure = 1_000;
const progressInterval = 5_000;

interface Supervised {
  readonly plan: PluginPlan;
  readonly restarts: RestartPolicy;
  /** Its present life; between two lives there is none. */
  runner: PluginRunner | undefined;
  /** The end of its last life. */
  ended: Promise<void> | undefined;
  retry: NodeJS.Timeout | undefined;
}

/** Starts all plugins at the same time, starts again those that may fail, and stops them. */
export class PluginSupervisor {
  readonly #around: PluginSurroundings;
  readonly #plugins = new Map<string, Supervised>();
  readonly #results = new Map<string, PluginStartupResult>();
  /** What plugins have failed with that must not. */
  readonly #failures = new Map<string, unknown>();
  /** Resolves once a plugin has failed for good that must not: at its first start, or at a later one. */
  readonly failed: Promise<void>;
  #fail: () => void = () => {};
  #begin = 0;
  #stopped = false;

  constructor(plans: readonly PluginPlan[], around: PluginSurroundings) {
    this.#around = around;
    this.failed = new Promise(resolve => (this.#fail = resolve));
    for (const plan of plans) {
      const restarts = new RestartPolicy(around.settings);
      this.#plugins.set(plan.pluginId, { plan, restarts, runner: undefined, ended: undefined, retry: undefined });
      around.status.enterPlugin(plan.pluginId, 'waiting');
    }
  }

  /** The present life of a plugin; `undefined` before it was started, or where there is no such plugin. */
  runner(pluginId: string): PluginRunner | undefined {
    return this.#plugins.get(pluginId)?.runner;
  }

  /** What became of each plugin so far. */
  get results(): readonly PluginStartupResult[] {
    return [...this.#plugins.keys()].map(id => {
      const result = this.#results.get(id) ?? this.#unfinished(id);
      return this.#failures.has(id)
        ? { ...result, failure: { error: this.#failures.get(id), allowed: false } }
        : result;
    });
  }

  /** Why the backend must not go on; empty where it may. */
  get problems(): readonly Problem[] {
    return [...this.#plugins.keys()].flatMap(id => {
      return this.#failures.has(id) ? [problemOf(id, this.#failures.get(id))] : [];
    });
  }

  /** Ends when all have started or failed, soon after one failed that must not, or when `cancelled` resolves. */
  async start(cancelled: Promise<void>): Promise<void> {
    this.#begin = performance.now();
    const done = new AbortController();
    const failed = this.failed.then(() => pause(graceAfterFailure, done.signal));
    const waitingFor = () => [...this.#plugins.keys()].filter(id => !this.#results.has(id));
    const progress = setInterval(
      () => this.#around.status.emit({ type: 'start-progress', waitingFor: waitingFor() }),
      progressInterval,
    );
    await Promise.race([this.#startEach(done.signal), failed, cancelled]);
    done.abort();
    clearInterval(progress);
  }

  /**
   * Takes a plugin out after an error that nobody caught, and starts it anew after a while. `false` where that has
   * happened too often: then the process has to go.
   */
  isolate(pluginId: string, error: unknown): boolean {
    const plugin = this.#plugins.get(pluginId);
    if (!plugin || this.#stopped) return false;
    // It is out already: what its last life has left behind does not count.
    if (!plugin.runner) return true;
    if (!plugin.restarts.bear()) return false;
    this.#around.status.enterPlugin(pluginId, 'failed', error);
    void this.#takeDown(plugin, error).then(() => this.#startLater(plugin));
    return true;
  }

  async stop(steps: StopSteps): Promise<void> {
    this.#stopped = true;
    const stops = [...this.#plugins.values()].map(async ({ plan, runner, ended, retry }) => {
      clearTimeout(retry);
      if (runner) this.#around.status.enterPlugin(plan.pluginId, 'stopping');
      await Promise.all([runner?.stop(steps), ended]);
      if (runner) this.#around.status.enterPlugin(plan.pluginId, 'stopped');
    });
    const failed = (await Promise.allSettled(stops)).find(end => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /**
   * Each gets as far as it can without a wait before the next one begins: what a thousand plugins leave half done at the
   * same time would have to be kept, and moved about in memory, until they all go on. None begins once `done` aborts.
   */
  async #startEach(done: AbortSignal): Promise<void> {
    const started: Promise<void>[] = [];
    for (const plugin of this.#plugins.values()) {
      if (done.aborted) break;
      started.push(this.#firstStart(plugin));
      await Promise.resolve();
    }
    await Promise.all(started);
  }

  async #firstStart(plugin: Supervised): Promise<void> {
    const { pluginId } = plugin.plan;
    const begin = performance.now();
    this.#around.status.enterPlugin(pluginId, 'starting');
    const runner = (plugin.runner = new PluginRunner(plugin.plan, this.#around));
    const failure = await this.#attempt(plugin, runner, error => this.#mayFail(plugin, error));
    const duration = performance.now() - begin;
    this.#results.set(pluginId, { pluginId, duration, ...(failure && { failure }), modules: runner.modules });
  }

  #mayFail({ plan }: Supervised, error: unknown): boolean {
    return this.#around.settings.onPluginFailure(plan.pluginId) === 'continue' && !(error instanceof ModuleFailed);
  }

  /** Whoever may fail at first may fail ever after; the others only so often. */
  #mayFailAgain({ plan, restarts }: Supervised): boolean {
    return this.#around.settings.onPluginFailure(plan.pluginId) === 'continue' || restarts.bear();
  }

  /** Starts a plugin once. A failure that `allows` lets pass is already being seen to when this is done. */
  async #attempt(
    plugin: Supervised,
    runner: PluginRunner,
    allows: (error: unknown) => boolean,
  ): Promise<StartupFailure | undefined> {
    const { status } = this.#around;
    const { plan, restarts } = plugin;
    const { pluginId } = plan;
    const begin = performance.now();
    try {
      await runner.start();
    } catch (error) {
      // Whoever has ended this life sees to what comes next.
      if (this.#stopped || plugin.runner !== runner) return { error, allowed: true };
      const allowed = allows(error);
      status.enterPlugin(pluginId, 'failed', error);
      status.emit({ type: 'plugin-failed', pluginId, error, allowed, ...(allowed && { retryIn: restarts.delay }) });
      if (allowed) {
        await this.#takeDown(plugin, error);
        this.#startLater(plugin);
      } else {
        this.#failures.set(pluginId, error);
        this.#fail();
      }
      return { error, allowed };
    }
    if (this.#stopped || plugin.runner !== runner) return undefined;
    restarts.noteSuccess();
    status.enterPlugin(pluginId, 'ready');
    status.emit({ type: 'plugin-started', pluginId, duration: performance.now() - begin });
    return undefined;
  }

  #takeDown(plugin: Supervised, reason: unknown): Promise<void> {
    const { runner } = plugin;
    plugin.runner = undefined;
    plugin.ended = runner?.stop(new StopSteps(this.#around.status), reason);
    return plugin.ended ?? Promise.resolve();
  }

  #startLater(plugin: Supervised): void {
    if (this.#stopped) return;
    plugin.retry = setTimeout(() => {
      const runner = (plugin.runner = new PluginRunner(plugin.plan, this.#around));
      void this.#attempt(plugin, runner, () => this.#mayFailAgain(plugin));
    }, plugin.restarts.delay);
    plugin.restarts.noteAttempt();
  }

  #unfinished(pluginId: string): PluginStartupResult {
    const failure = { error: startCancelled(pluginId), allowed: true };
    const modules = this.runner(pluginId)?.modules ?? [];
    return { pluginId, duration: performance.now() - this.#begin, failure, modules };
  }
}
