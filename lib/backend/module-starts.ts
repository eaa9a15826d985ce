import type { BackendSettings } from './backend-settings.js';
import type { BackendStatus } from './backend-status.js';
import { ModuleFailed } from './module-failed.js';
import type { ModuleStartupResult } from './startup-result.js';

interface Surroundings {
  readonly settings: Pick<BackendSettings, 'onModuleFailure'>;
  readonly status: Pick<BackendStatus, 'emit'>;
}

/** What becomes of the modules of one plugin while that starts, and whether the plugin may go on without them. */
export class ModuleStarts {
  readonly results: ModuleStartupResult[] = [];
  readonly #pluginId: string;
  readonly #around: Surroundings;
  /** What extension points have said. */
  readonly #blamed = new Map<string, unknown>();
  #phase: 'open' | 'over' | 'given-up' = 'open';

  constructor(pluginId: string, around: Surroundings) {
    this.#pluginId = pluginId;
    this.#around = around;
  }

  /** The plugin has started: from now on a failure is only told. */
  close(): void {
    if (this.#phase === 'open') this.#phase = 'over';
  }

  /** Nobody wants to know any more. */
  giveUp(): void {
    this.#phase = 'given-up';
  }

  /**
   * Does a part of a module's start. `false` where it failed, and may; rejects with `ModuleFailed` where it must not.
   */
  async try(moduleId: string, work: () => Promise<void>): Promise<boolean> {
    const index = this.results.findIndex(result => result.moduleId === moduleId);
    const { duration = 0 } = this.results[index] ?? {};
    const begin = performance.now();
    const keep = (result: Pick<ModuleStartupResult, 'failure'>) => {
      const whole = { moduleId, duration: duration + performance.now() - begin, ...result };
      this.results.splice(index < 0 ? this.results.length : index, 1, whole);
    };
    try {
      await work();
      if (this.isBlamed(moduleId)) throw this.#blamed.get(moduleId);
      keep({});
      return true;
    } catch (error) {
      if (this.#phase === 'given-up') throw error;
      const allowed = this.#mayFail(moduleId);
      keep({ failure: { error, allowed } });
      this.#tell(moduleId, error, allowed);
      if (!allowed) throw new ModuleFailed(moduleId, error);
      return false;
    }
  }

  /** What an extension point says of a module: while that begins it fails by it, later its result is corrected. */
  blame(moduleId: string, error: unknown): void {
    const finished = this.results.findIndex(result => result.moduleId === moduleId);
    this.#blamed.set(moduleId, error);
    if (finished < 0) return;
    // A plugin that has started goes on: what is known of it has been told already.
    const allowed = this.#mayFail(moduleId) || this.#phase !== 'open';
    this.results[finished] = { ...this.results[finished]!, failure: { error, allowed } };
    this.#tell(moduleId, error, allowed);
  }

  isBlamed(moduleId: string): boolean {
    return this.#blamed.has(moduleId);
  }

  hasFailed(moduleId: string): boolean {
    return this.results.some(result => result.moduleId === moduleId && result.failure);
  }

  /** Throws `ModuleFailed` where a module was found to have failed that must not. */
  refuseFailed(): void {
    const failed = this.results.find(({ failure }) => failure && !failure.allowed);
    if (failed) throw new ModuleFailed(failed.moduleId, failed.failure!.error);
  }

  #mayFail(moduleId: string): boolean {
    return this.#around.settings.onModuleFailure(this.#pluginId, moduleId) === 'continue';
  }

  #tell(moduleId: string, error: unknown, allowed: boolean): void {
    this.#around.status.emit({ type: 'module-failed', pluginId: this.#pluginId, moduleId, error, allowed });
  }
}
