import { AsyncResource } from 'node:async_hooks';
import type { SchedulerClock } from '../../api/scheduler-clock.js';
import type { TaskFunction, TaskRun, TaskRunRecord, TaskState } from '../../api/scheduler-service.js';
import { withDeadline } from '../../util/deadline.js';
import { backOff, errorText } from './failures.js';
import { notLeased, notRunning, running } from './scheduler-errors.js';
import type { SchedulerSettings } from './scheduler-settings.js';
import type { SoundTask } from './sound-task.js';
import { type Ending, TaskExecution } from './task-execution.js';
import type { TaskReports } from './task-reports.js';

interface Options {
  readonly pluginId: string;
  readonly clock: SchedulerClock;
  readonly settings: SchedulerSettings;
  readonly reports: TaskReports;
}

interface LocalTask {
  readonly task: SoundTask;
  readonly work: TaskFunction;
  nextRun: number | undefined;
  isTriggered: boolean;
  execution: TaskExecution | undefined;
  failures: number;
  readonly history: TaskRunRecord[];
  cancelTimer: () => void;
}

/** No timer waits longer for a time on the wall, whose clock may be set; in ms. */
const longestWait = 60_000;

/** The local tasks of a plugin: this instance runs each of them by itself. */
export class LocalTasks {
  readonly #options: Options;
  readonly #tasks = new Map<string, LocalTask>();
  readonly #context = new AsyncResource('backplane.scheduler');
  #state: 'waiting' | 'running' | 'stopping' = 'waiting';

  constructor(options: Options) {
    this.#options = options;
  }

  has(id: string): boolean {
    return this.#tasks.has(id);
  }

  add(task: SoundTask, work: TaskFunction): void {
    const idle = { nextRun: undefined, isTriggered: false, execution: undefined, failures: 0, cancelTimer: () => {} };
    const added = { task, work, ...idle, history: [] };
    this.#tasks.set(task.id, added);
    if (this.#state === 'running') this.#planFirst(added);
  }

  remove(id: string): void {
    this.#tasks.get(id)?.cancelTimer();
    this.#tasks.delete(id);
  }

  /** From now on tasks run. */
  start(): void {
    this.#state = 'running';
    for (const task of this.#tasks.values()) this.#planFirst(task);
  }

  /** Tells the runs to end; from now on none begins. */
  interrupt(): void {
    this.#state = 'stopping';
    for (const { cancelTimer, execution } of this.#tasks.values()) {
      cancelTimer();
      execution?.interrupt('stopped');
    }
  }

  /** Waits for the runs to end, for so many ms. */
  async stop(limit: number): Promise<void> {
    this.interrupt();
    const all = Promise.all([...this.#tasks.values()].map(({ execution }) => execution?.ended));
    await withDeadline(limit, () => all).catch(() => {});
  }

  get running(): readonly string[] {
    return [...this.#tasks.values()].flatMap(({ execution, task }) => (execution ? [task.id] : []));
  }

  trigger(id: string): void {
    const task = this.#tasks.get(id)!;
    if (task.execution) throw running(id);
    task.isTriggered = true;
    if (this.#state === 'running') this.#plan(task, task.nextRun);
  }

  cancel(id: string): void {
    const { execution } = this.#tasks.get(id)!;
    if (!execution) throw notRunning(id);
    execution.interrupt('cancelled');
  }

  states(): TaskState[] {
    return [...this.#tasks.values()].map(({ task, nextRun, execution, history }) => {
      const lastRun = history[0];
      return {
        id: task.id,
        pluginId: this.#options.pluginId,
        scope: 'local',
        frequency: task.frequency,
        timeout: task.timeout,
        status: execution ? 'running' : 'idle',
        ...(nextRun !== undefined && { nextRunAt: new Date(nextRun) }),
        ...(lastRun && { lastRun }),
      };
    });
  }

  history(id: string): readonly TaskRunRecord[] {
    return [...this.#tasks.get(id)!.history];
  }

  /** While a clock that is moved by hand stands still, nothing runs that nobody has asked for. */
  #planFirst(task: LocalTask): void {
    const { clock } = this.#options;
    const first = task.task.first(clock.now());
    this.#plan(task, first === undefined ? undefined : Math.max(first, clock.now() + (clock.isManual ? 1 : 0)));
  }

  #plan(task: LocalTask, nextRun: number | undefined): void {
    task.nextRun = nextRun;
    task.cancelTimer();
    if (task.execution || this.#state !== 'running') return;
    const { clock } = this.#options;
    const dueAt = task.isTriggered ? clock.now() : nextRun;
    if (dueAt === undefined) return;
    const wait = dueAt - clock.now();
    if (wait <= 0) this.#context.runInAsyncScope(() => this.#begin(task, dueAt));
    else task.cancelTimer = clock.after(Math.min(wait, longestWait), () => this.#plan(task, task.nextRun));
  }

  #begin(task: LocalTask, dueAt: number): void {
    const { clock, settings, reports, pluginId } = this.#options;
    const { id, timeout } = task.task;
    const isScheduled = task.nextRun !== undefined && task.nextRun <= clock.now();
    task.isTriggered = false;
    const startedAt = new Date(clock.now());
    const run: TaskRun = Object.freeze({
      fence: 0,
      dueAt: new Date(dueAt),
      write: () => Promise.reject(notLeased(pluginId, id)),
    });
    const execution = new TaskExecution({
      id,
      run,
      work: task.work,
      timeout,
      clock,
      deadline: Infinity,
      lease: settings.lease,
      margin: 0,
      around: work => reports.around(task.task, run, work),
    });
    task.execution = execution;
    const done = execution.ended.then(ending => this.#ended(task, startedAt, isScheduled, ending));
    clock.during(done);
    execution.begin();
  }

  #ended(task: LocalTask, startedAt: Date, isScheduled: boolean, ending: Ending): void {
    const { clock, settings, reports } = this.#options;
    const { execution, nextRun } = task;
    const { outcome, error } = ending;
    task.execution = undefined;
    reports.ended(task.task, execution!, ending);
    const text = outcome === 'failed' && { error: errorText(error) };
    task.history.unshift(Object.freeze({ fence: 0, startedAt, endedAt: new Date(clock.now()), outcome, ...text }));
    task.history.length = Math.min(task.history.length, settings.history);
    const hasFailed = outcome === 'failed' || outcome === 'timed-out';
    task.failures = hasFailed ? task.failures + 1 : 0;
    const next = isScheduled ? task.task.next(nextRun!, startedAt.getTime()) : nextRun;
    const earliest = hasFailed ? clock.now() + backOff(task.failures) : 0;
    this.#plan(task, next === undefined ? undefined : Math.max(next, earliest));
  }
}
