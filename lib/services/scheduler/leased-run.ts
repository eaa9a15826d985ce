import type { EntityManager } from 'typeorm';
import type { TaskRun } from '../../api/scheduler-service.js';
import type { SchedulerClock } from '../../api/scheduler-clock.js';
import { backOff, errorText } from './failures.js';
import type { GlobalTask } from './known-tasks.js';
import { leaseLost } from './scheduler-errors.js';
import type { SchedulerSettings } from './scheduler-settings.js';
import type { SeenTasks } from './seen-tasks.js';
import { type Ending, TaskExecution } from './task-execution.js';
import type { TaskReports } from './task-reports.js';
import type { EndedRun, TaskRow, TaskStore } from './task-store.js';

export interface LeaseOptions {
  readonly pluginId: string;
  readonly store: TaskStore;
  readonly clock: SchedulerClock;
  readonly settings: SchedulerSettings;
  readonly reports: TaskReports;
}

interface Told {
  /** The run has ended, and the store does not know it yet. */
  readonly ended: () => void;
  /** A write has taken long, and left little of the lease that it has renewed. */
  readonly wroteLong: () => void;
}

/** A run of a global task that is ours, from when it is begun until the store knows that it has ended. */
export class LeasedRun {
  readonly execution: TaskExecution;
  /** What the store is to be told. */
  ended: EndedRun | undefined;
  readonly #options: LeaseOptions;
  readonly #task: GlobalTask['task'];
  readonly #row: TaskRow;
  readonly #holder: string;
  readonly #told: Told;
  #writing = 0;

  constructor(
    { task, work }: GlobalTask,
    row: TaskRow,
    seen: SeenTasks,
    holder: string,
    options: LeaseOptions,
    told: Told,
  ) {
    this.#options = options;
    this.#task = task;
    this.#row = row;
    this.#holder = holder;
    this.#told = told;
    const { clock, settings, reports } = options;
    const run: TaskRun = Object.freeze({
      fence: row.fence,
      dueAt: new Date(row.dueAt ?? 0),
      write: <T>(write: (manager: EntityManager) => Promise<T>) => this.#write(write),
    });
    this.execution = new TaskExecution({
      id: row.id,
      run,
      work,
      timeout: task.timeout,
      clock,
      deadline: seen.deadlineOf(row),
      lease: settings.lease,
      margin: Math.min(1_000, settings.lease / 6),
      around: inner => reports.around(task, run, inner),
    });
  }

  get id(): string {
    return this.#row.id;
  }

  /** Whether it goes on, and is to. */
  get isLive(): boolean {
    return !this.execution.hasEnded && this.execution.interruption === undefined;
  }

  /** It writes in a transaction, which has its row locked and its lease renewed. */
  get isWriting(): boolean {
    return this.#writing > 0;
  }

  begin(): void {
    const done = this.execution.ended.then(ending => this.#end(ending));
    this.#options.clock.during(done);
    this.execution.begin();
  }

  /** Looks what has become of it in the eyes of all. */
  compare(seen: SeenTasks): void {
    if (!this.isLive) return;
    const row = seen.row(this.id);
    const isOurs = row?.holder === this.#holder && row.fence === this.#row.fence;
    if (!this.isWriting) {
      if (isOurs) this.execution.extend(seen.deadlineOf(row));
      else this.execution.interrupt('lease-lost');
    }
    if (isOurs && row.isCancelled) this.execution.interrupt('cancelled');
  }

  #end(ending: Ending): void {
    this.#options.reports.ended(this.#task, this.execution, ending);
    const { outcome, error } = ending;
    const { id, fence, startedAt = 0, nextRun: before, failures: earlier } = this.#row;
    const hasFailed = outcome === 'failed' || outcome === 'timed-out';
    const failures = hasFailed ? earlier + 1 : outcome === 'completed' ? 0 : earlier;
    const wasScheduled = before !== undefined && before <= startedAt;
    const next = wasScheduled ? this.#task.next(before, startedAt) : before;
    const endedAt = startedAt + ending.duration;
    this.ended = {
      id,
      fence,
      startedAt,
      outcome,
      failures,
      error: outcome === 'failed' ? errorText(error) : undefined,
      // Whoever has not ignored its signal has not done its work either.
      isAgain: outcome === 'stopped',
      nextRun: [
        before,
        hasFailed && next !== undefined ? Math.max(next, Math.ceil(endedAt + backOff(failures))) : next,
      ],
    };
    this.#told.ended();
  }

  async #write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { execution } = this;
    const { pluginId, store, clock, settings } = this.#options;
    const { id, fence } = this.#row;
    execution.check();
    if (!this.isLive) throw leaseLost(pluginId, id, fence);
    const { deadline } = execution;
    const begin = clock.elapsed();
    let isWritten = false;
    this.#writing += 1;
    try {
      const onHeld = (): void => execution.extend(begin + settings.lease);
      const written = await store.write({ id, fence, holder: this.#holder, onHeld }, work);
      if (!written) {
        execution.interrupt('lease-lost');
        throw leaseLost(pluginId, id, fence);
      }
      isWritten = true;
      return written.result;
    } finally {
      this.#writing -= 1;
      // What was undone has renewed nothing.
      if (!isWritten) execution.extend(Math.min(deadline, execution.deadline));
      if (clock.elapsed() - begin > settings.lease / 6) this.#told.wroteLong();
    }
  }
}
