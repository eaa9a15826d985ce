import type { HealthCheckResult, HealthContribution } from '../../api/root-health-service.js';
import { withDeadline } from '../../util/deadline.js';

/** How long a result serves whoever asks next, in ms. */
const lifetime = 1_000;

/** For how many of its time limits a run that does not end keeps the next one from beginning. */
const patience = 10;

/** One check: however many ask, it runs once, and again only when that is a second ago. */
export class ContributedCheck {
  readonly contribution: HealthContribution;
  readonly #run: () => unknown;
  readonly #onChange: (check: ContributedCheck, failure: unknown) => void;
  #last: Promise<HealthCheckResult> | undefined;
  #expires = 0;
  #failing = false;
  /** When the run began that has not ended. */
  #pendingSince: number | undefined;

  /** `onChange` is told when the check begins to fail, and when it no longer does, which is without a failure. */
  constructor(
    contribution: HealthContribution,
    run: () => unknown,
    onChange: (check: ContributedCheck, failure: unknown) => void,
  ) {
    this.contribution = contribution;
    this.#run = run;
    this.#onChange = onChange;
  }

  result(): Promise<HealthCheckResult> {
    if (!this.#last || performance.now() >= this.#expires) {
      this.#expires = Infinity;
      this.#last = this.#check();
    }
    return this.#last;
  }

  async #check(): Promise<HealthCheckResult> {
    const { id } = this.contribution;
    const started = performance.now();
    let failure: unknown;
    try {
      await this.#attempt(started);
    } catch (error) {
      failure = error ?? new Error(`failed with ${error}`);
    }
    const now = performance.now();
    this.#expires = now + lifetime;
    const failing = failure !== undefined;
    if (failing !== this.#failing) this.#onChange(this, failure);
    this.#failing = failing;
    const duration = Math.round(now - started);
    // It serves many who ask.
    return Object.freeze(
      failing ? { id, status: 'error', duration, error: textOf(failure) } : { id, status: 'ok', duration },
    );
  }

  async #attempt(started: number): Promise<void> {
    const { timeout } = this.contribution;
    if (this.#pendingSince !== undefined && started - this.#pendingSince < patience * timeout) {
      throw new Error('the run before has not ended');
    }
    this.#pendingSince = started;
    const run = Promise.resolve()
      .then(this.#run)
      .finally(() => (this.#pendingSince = undefined));
    await withDeadline(timeout, () => run);
  }
}

function textOf(failure: unknown): string {
  try {
    return failure instanceof Error ? failure.message : String(failure);
  } catch {
    return 'failed with something that cannot be shown';
  }
}
