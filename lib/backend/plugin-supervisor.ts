import { setTimeout as sleep } from 'node:timers/promises';
import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import type { PluginPlan } from '../plan/plan.js';
import { problemOf } from './failure-problem.js';
import { ModuleFailed, PluginRunner, type PluginSurroundings } from './plugin-runner.js';
import type { PluginStartupResult } from './startup-result.js';

/** How long the other plugins may still take once one has failed the start: what else is wrong is worth knowing, but not worth a wait. */
const graceAfterFailure = 1_000;
const progressInterval = 5_000;

interface Supervised {
  readonly plan: PluginPlan;
  runner: PluginRunner | undefined;
  /** When it was isolated, in ms since the process began. */
  readonly isolations: number[];
  attempts: number;
  retry: NodeJS.Timeout | undefined;
}

export interface PluginsStarted {
  readonly results: readonly PluginStartupResult[];
  /** Why the backend must not go on; empty where it may. */
  readonly problems: readonly Problem[];
}

/** Starts all plugins at the same time, starts again those that may fail, and stops them. */
export class PluginSupervisor {
  readonly #around: PluginSurroundings;
  readonly #plugins = new Map<string, Supervised>();
  #stopped = false;

  constructor(plans: readonly PluginPlan[], around: PluginSurroundings) {
    this.#around = around;
    for (const plan of plans) {
      this.#plugins.set(plan.pluginId, { plan, runner: undefined, isolations: [], attempts: 0, retry: undefined });
      around.status.enterPlugin(plan.pluginId, 'waiting');
    }
  }

  /** The present life of a plugin; `undefined` before it was started, or where there is no such plugin. */
  runner(pluginId: string): PluginRunner | undefined {
    return this.#plugins.get(pluginId)?.runner;
  }

  /** Ends when all have started or failed, soon after one failed that must not, or when `cancelled` resolves. */
  async start(cancelled: Promise<void>): Promise<PluginsStarted> {
    const results = new Map<string, PluginStartupResult>();
    const problems: Problem[] = [];
    const waiting = new Set(this.#plugins.keys());
    let giveUp: () => void = () => {};
    const failed = new Promise<void>(resolve => (giveUp = resolve)).then(() =>
      sleep(graceAfterFailure, undefined, { ref: true }),
    );
    const progress = setInterval(
      () => this.#around.status.emit({ type: 'start-progress', waitingFor: [...waiting] }),
      progressInterval,
    );
    const all = Promise.all(
      [...this.#plugins.values()].map(async plugin => {
        const { result, problem } = await this.#firstStart(plugin);
        waiting.delete(plugin.plan.pluginId);
        results.set(plugin.plan.pluginId, result);
        if (problem) problems.push(problem);
        if (problem) giveUp();
      }),
    );
    await Promise.race([all, failed, cancelled]);
    clearInterval(progress);
    return {
      results: [...this.#plugins.keys()].map(id => results.get(id) ?? this.#unfinished(id)),
      problems: [...problems],
    };
  }

  /**
   * Takes a plugin out after an error that nobody caught, and starts it anew after a while. `false` where that has
   * happened too often: then the process has to go.
   */
  isolate(pluginId: string, error: unknown): boolean {
    const plugin = this.#plugins.get(pluginId);
    if (!plugin || this.#stopped) return false;
    const { restarts, period } = this.#around.settings.intensity;
    const now = performance.now();
    plugin.isolations.push(now);
    while (plugin.isolations[0]! < now - period) plugin.isolations.shift();
    if (plugin.isolations.length > restarts) return false;
    const { runner } = plugin;
    plugin.runner = undefined;
    plugin.attempts = plugin.isolations.length - 1;
    if (!runner) return true;
    this.#around.status.enterPlugin(pluginId, 'failed', error);
    void runner.stop().then(() => this.#retryLater(plugin, error));
    return true;
  }

  async stop(): Promise<Problem[]> {
    this.#stopped = true;
    const stops = [...this.#plugins.values()].map(async ({ plan, runner, retry }) => {
      clearTimeout(retry);
      if (!runner) return [];
      this.#around.status.enterPlugin(plan.pluginId, 'stopping');
      const problems = await runner.stop();
      this.#around.status.enterPlugin(plan.pluginId, 'stopped');
      return problems;
    });
    return (await Promise.all(stops)).flat();
  }

  async #firstStart(plugin: Supervised): Promise<{ result: PluginStartupResult; problem?: Problem }> {
    const { pluginId } = plugin.plan;
    const begin = performance.now();
    this.#around.status.enterPlugin(pluginId, 'starting');
    const failure = await this.#attempt(plugin);
    const { modules = [] } = plugin.runner ?? {};
    const duration = performance.now() - begin;
    if (failure === undefined) return { result: { pluginId, duration, modules } };
    const { error, allowed } = failure;
    const result = { pluginId, duration, failure: { error, allowed }, modules };
    return allowed || this.#stopped ? { result } : { result, problem: problemOf(pluginId, error) };
  }

  /** Starts a plugin once; a failure that is allowed is already being seen to when this is done. */
  async #attempt(plugin: Supervised): Promise<{ error: unknown; allowed: boolean } | undefined> {
    const { status, settings } = this.#around;
    const { pluginId } = plugin.plan;
    const begin = performance.now();
    let runner: PluginRunner | undefined;
    try {
      runner = plugin.runner = new PluginRunner(plugin.plan, this.#around);
      await runner.start();
    } catch (error) {
      if (this.#stopped) return { error, allowed: true };
      const allowed = !(error instanceof ModuleFailed) && settings.onPluginFailure(pluginId) === 'continue';
      status.enterPlugin(pluginId, 'failed', error);
      const retryIn = allowed ? this.#delayOf(plugin) : undefined;
      status.emit({ type: 'plugin-failed', pluginId, error, allowed, ...(retryIn !== undefined && { retryIn }) });
      if (allowed) {
        await runner?.stop();
        plugin.runner = undefined;
        this.#retryLater(plugin, error);
      }
      return { error, allowed };
    }
    if (this.#stopped) return undefined;
    plugin.attempts = 0;
    status.enterPlugin(pluginId, 'ready');
    status.emit({ type: 'plugin-started', pluginId, duration: performance.now() - begin });
    return undefined;
  }

  #delayOf({ attempts }: Supervised): number {
    const { initialDelay, maxDelay } = this.#around.settings.retry;
    return Math.min(maxDelay, initialDelay * 2 ** attempts);
  }

  #retryLater(plugin: Supervised, error: unknown): void {
    if (this.#stopped) return;
    const delay = this.#delayOf(plugin);
    plugin.attempts++;
    plugin.retry = setTimeout(() => {
      this.#attempt(plugin).catch(() => this.#around.status.enterPlugin(plugin.plan.pluginId, 'failed', error));
    }, delay).unref();
  }

  #unfinished(pluginId: string): PluginStartupResult {
    const error = new BackplaneError({
      code: 'START_CANCELLED',
      message: `Plugin '${pluginId}' was still starting when the start was given up`,
      path: [`in plugin '${pluginId}'`],
      fix: 'see to what ended the start.',
    });
    return { pluginId, duration: 0, failure: { error, allowed: true }, modules: this.runner(pluginId)?.modules ?? [] };
  }
}
