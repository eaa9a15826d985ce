import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import type { BackendStatus } from './backend-status.js';
import { type BoundedStep, runStep } from './bounded-step.js';

/** A step of a stop: what fails in it is told as it happens. */
export interface StopStep extends BoundedStep {
  /** What the log calls it: `close pool`. */
  readonly name: string;
  /** Whose it is; absent for the backend's own. */
  readonly pluginId?: string;
}

/**
 * Runs the steps of a stop: none keeps the next from running, each has a deadline, and it is known at any time what is
 * being waited for.
 */
export class StopSteps {
  /** What did not end well, as far as it is known. */
  readonly problems: Problem[] = [];
  readonly #status: BackendStatus;
  readonly #running: Set<string>;

  constructor(status: BackendStatus, running = new Set<string>()) {
    this.#status = status;
    this.#running = running;
  }

  /** The steps of a part that ends on its own: what fails in them is told, but is no problem of the whole. */
  apart(): StopSteps {
    return new StopSteps(this.#status, this.#running);
  }

  /** What is being waited for, those of `apart()` among them. */
  get waitingFor(): readonly string[] {
    return [...this.#running];
  }

  async run(step: StopStep, work: () => unknown): Promise<void> {
    this.#running.add(step.title);
    const problem = await runStep(step, work);
    this.#running.delete(step.title);
    if (!problem) return;
    this.problems.push(problem);
    const { name: hook, pluginId } = step;
    const error = new BackplaneError(problem);
    this.#status.emit({ type: 'hook-failed', hook, ...(pluginId !== undefined && { pluginId }), error });
  }
}
