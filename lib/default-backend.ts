import type { BackendStatusService } from './api/backend-status-service.js';
import { refuseToImport } from './api/importing.js';
import { Backend as Engine } from './backend/backend.js';
import type { BackendOptions } from './backend/backend-options.js';
import { backendRules, checkOptions } from './backend/check-options.js';
import { processHost } from './backend/process-host.js';
import type { StartupResult } from './backend/startup-result.js';
import { framework } from './composition-root.js';
import { describePlan, type PlanDescription } from './plan/describe-plan.js';

type FeatureInput = NonNullable<BackendOptions['features']>[number];

/**
 * A backend with the default services; it is started, and stopped, once.
 *
 * `Backend.start()` is for programs: it also takes care of signals, of errors nobody caught, and of the exit code.
 * `new Backend().add(…).start()` leaves the process alone.
 */
export class Backend implements AsyncDisposable {
  readonly #engine: Engine;
  #result: StartupResult | undefined;

  constructor(options: BackendOptions = {}) {
    checkOptions(options, backendRules);
    this.#engine = new Engine(framework, options);
  }

  /**
   * Starts a backend and gives it back running. Without `features` it scans the package of the file that Node was
   * started with.
   *
   * Rejects with `BackendStartupError`, which names every reason; by then all that had started is stopped again. While a
   * backend looks for features, what it imports cannot start another: `STARTED_BY_IMPORT`.
   *
   * @example
   * const backend = await Backend.start({ features: [CatalogPlugin, import('plugin-search-backend')] });
   */
  static start(options: BackendOptions = {}): Promise<Backend> {
    return refuseToImport() ?? Backend.#startProgram(options);
  }

  static async #startProgram(options: BackendOptions): Promise<Backend> {
    const backend = Backend.#made(options);
    const engine = backend.#engine;
    backend.#result = options.host === false ? await engine.start() : await processHost.start(engine);
    return backend;
  }

  static #made(options: BackendOptions): Backend {
    try {
      return new Backend(options);
    } catch (error) {
      if ((options as BackendOptions | null)?.host !== false) processHost.refused(error);
      throw error;
    }
  }

  /** What would be started, as plain data. Rejects like {@link Backend.start}; constructs no service. */
  static async plan(options: BackendOptions = {}): Promise<PlanDescription> {
    return new Backend(options).plan();
  }

  /** What is going on, and who wants to be told. */
  get status(): BackendStatusService {
    return this.#engine.status;
  }

  /** What became of each plugin when the backend started; `undefined` until it has. */
  get result(): StartupResult | undefined {
    return this.#result;
  }

  /** Adds a feature, or a promise of one. Throws `BACKEND_STARTED` once the backend has started. */
  add(feature: FeatureInput): this {
    this.#engine.add(feature);
    return this;
  }

  /** What would be started, as plain data. Rejects with every problem there is. */
  async plan(): Promise<PlanDescription> {
    return describePlan(await this.#engine.plan());
  }

  /** Starts everything, or nothing: on failure what had started is stopped again. Rejects with `BackendStartupError`. */
  start(): Promise<StartupResult> {
    return refuseToImport() ?? this.#start();
  }

  async #start(): Promise<StartupResult> {
    return (this.#result = await this.#engine.start());
  }

  /** Stops everything, once; whoever asks again waits for the same stop. Rejects with `BackendStopError`. */
  async stop(): Promise<void> {
    try {
      await this.#engine.stop();
    } finally {
      processHost.release(this.#engine);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
