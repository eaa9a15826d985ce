import { refuseToImport } from './api/importing.js';
import { Backend as Engine } from './backend/backend.js';
import type { BackendOptions } from './backend/backend-options.js';
import { processHost } from './backend/process-host.js';
import type { StartupResult } from './backend/startup-result.js';
import { framework } from './composition-root.js';
import { describePlan, type PlanDescription } from './plan/describe-plan.js';

/**
 * A backend with the default services.
 *
 * `Backend.start()` is for programs: it also takes care of signals, of errors nobody caught, and of the exit code.
 * `new Backend().add(…).start()` leaves the process alone.
 */
export class Backend extends Engine {
  #result: StartupResult | undefined;

  constructor(options: BackendOptions = {}) {
    super(framework, options);
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
    return refuseToImport() ?? Backend.#start(options);
  }

  static async #start(options: BackendOptions): Promise<Backend> {
    const backend = new Backend(options);
    if (options.host === false) await backend.start();
    else await processHost.start(backend);
    return backend;
  }

  /** What would be started, as plain data. Rejects like {@link Backend.start}; constructs no service. */
  static async plan(options: BackendOptions = {}): Promise<PlanDescription> {
    return new Backend(options).plan();
  }

  /** What would be started, as plain data. Rejects with every problem there is. */
  async plan(): Promise<PlanDescription> {
    return describePlan(await this.makePlan());
  }

  /** What became of each plugin when the backend started; `undefined` until it has. */
  get result(): StartupResult | undefined {
    return this.#result;
  }

  override async start(): Promise<StartupResult> {
    return (this.#result = await super.start());
  }

  override async stop(options?: { urgent?: boolean }): Promise<void> {
    try {
      await super.stop(options);
    } finally {
      processHost.release(this);
    }
  }
}
