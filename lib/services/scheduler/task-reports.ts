import type { Logger } from '../../api/logger-service.js';
import type { Counter, Histogram, MetricsService } from '../../api/metrics-service.js';
import type { RootAuditService } from '../../api/root-audit-service.js';
import type { TaskRun } from '../../api/scheduler-service.js';
import type { TracingService } from '../../api/tracing-service.js';
import type { SoundTask } from './sound-task.js';
import type { Ending, TaskExecution } from './task-execution.js';

interface Means {
  readonly pluginId: string;
  readonly logger: Logger;
  readonly metrics: MetricsService;
  readonly tracing: TracingService;
  readonly audit: RootAuditService | undefined;
}

/** Says of the tasks of a plugin what somebody should know: in the log, as metrics, as spans, in the audit. */
export class TaskReports {
  readonly #means: Means;
  readonly #runs: Counter;
  readonly #durations: Histogram;
  #isStoreGone = false;

  constructor(means: Means) {
    this.#means = means;
    const { metrics } = means;
    this.#runs = metrics.createCounter('backplane.task.runs', { description: 'Runs of tasks', unit: '{run}' });
    const about = { description: 'How long runs of tasks have taken', unit: 's' };
    this.#durations = metrics.createHistogram('backplane.task.duration', about);
  }

  /** Does the work of a run in a span of its own. */
  around({ id, scope }: SoundTask, { fence }: TaskRun, work: () => unknown): Promise<unknown> {
    const attributes = { 'backplane.task.id': id, 'backplane.task.scope': scope, 'backplane.task.fence': fence };
    return this.#means.tracing.startActiveSpan(`task ${id}`, { attributes }, async () => work());
  }

  ended({ id, scope, timeout }: SoundTask, { run: { fence } }: TaskExecution, ending: Ending): void {
    const { outcome, duration, error, isGivenUp } = ending;
    const { logger } = this.#means;
    const attributes = { task: id, scope, outcome };
    this.#runs.add(1, attributes);
    this.#durations.record(duration / 1_000, attributes);
    const about = { task: id, ...(scope === 'global' && { fence }), duration: Math.round(duration) };
    if (outcome === 'failed') logger.error(`Task '${id}' failed`, { ...about, error });
    else if (outcome === 'timed-out')
      logger.error(`Task '${id}' did not end within ${timeout} ms`, { ...about, isGivenUp });
    else if (outcome === 'lease-lost') this.#lost(id, about, fence);
    else logger.debug(`Task '${id}' has ended`, { ...about, outcome });
  }

  takenOver(id: string, fence: number): void {
    this.#means.logger.warn(`Task '${id}' was not ended by whoever began it, and begins again`, { task: id, fence });
  }

  skipped(id: string, dueAt: number): void {
    const message = `Task '${id}' was due while no instance was there, and waits for the next time`;
    this.#means.logger.info(message, { task: id, dueAt: new Date(dueAt).toISOString() });
  }

  /** What keeps all tasks from going on is said once, until it is over. */
  storeFailed(error: unknown): void {
    if (this.#isStoreGone) return;
    this.#isStoreGone = true;
    this.#means.logger.error('Global tasks wait: the database cannot be asked', { error });
  }

  storeAnswers(): void {
    if (!this.#isStoreGone) return;
    this.#isStoreGone = false;
    this.#means.logger.info('Global tasks go on: the database answers again');
  }

  #lost(id: string, about: Record<string, unknown>, fence: number): void {
    this.#means.logger.error(`Task '${id}' has lost its lease`, about);
    const meta = { reason: 'lease_lost', task: id, fence };
    this.#means.audit?.write(
      { eventId: 'task-lease-lost', severityLevel: 'medium', status: 'failed', meta },
      this.#means.pluginId,
    );
  }
}
