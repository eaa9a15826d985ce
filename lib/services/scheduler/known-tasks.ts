import type { SchedulerClock } from '../../api/scheduler-clock.js';
import type { TaskFunction } from '../../api/scheduler-service.js';
import type { SeenTasks } from './seen-tasks.js';
import type { SoundTask } from './sound-task.js';
import { isDue, isFree, type TaskRow, type TaskStore } from './task-store.js';

export interface GlobalTask {
  readonly task: SoundTask;
  readonly work: TaskFunction;
}

/** The global tasks of the plugin as this instance has them: which there are, and which may be begun. */
export class KnownTasks {
  readonly #store: TaskStore;
  readonly #clock: SchedulerClock;
  readonly #tasks = new Map<string, GlobalTask & { notBefore: number }>();
  readonly #unregistered = new Set<string>();
  #isPrepared = false;

  constructor(store: TaskStore, clock: SchedulerClock) {
    this.#store = store;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  get(id: string): GlobalTask | undefined {
    return this.#tasks.get(id);
  }

  add(task: GlobalTask): void {
    const { id } = task.task;
    this.#tasks.set(id, { ...task, notBefore: this.#earliest(task.task) });
    this.#unregistered.add(id);
  }

  remove(id: string): void {
    this.#tasks.delete(id);
    this.#unregistered.delete(id);
  }

  /** From now on the initial delays count. */
  start(): void {
    for (const task of this.#tasks.values()) task.notBefore = this.#earliest(task.task);
  }

  /** Makes the tasks known to all instances. Rejects where the database cannot be asked. */
  async prepare(): Promise<void> {
    if (!this.#isPrepared) await this.#store.prepare();
    this.#isPrepared = true;
    const tasks = [...this.#unregistered].flatMap(id => this.#tasks.get(id)?.task ?? []);
    if (tasks.length === 0) return;
    await this.#store.register(tasks);
    for (const { id } of tasks) this.#unregistered.delete(id);
  }

  /** What somebody has deleted is made known again. */
  compare(seen: SeenTasks): void {
    for (const id of this.#tasks.keys()) if (!seen.row(id)) this.#unregistered.add(id);
  }

  /** Whether it is due and free, and this instance does not wait with it. */
  mayBegin(row: TaskRow, now: number): boolean {
    const known = this.#tasks.get(row.id);
    if (!known || !isFree(row, now) || !isDue(row, now)) return false;
    return isAskedFor(row) || this.#clock.elapsed() >= known.notBefore;
  }

  /** Whether it is not made up for, so long after it was due, in ms. */
  isTooLate(row: TaskRow, now: number, patience: number): boolean {
    if (isAskedFor(row) || this.#tasks.get(row.id)?.task.catchUp !== 'none') return false;
    return now - (row.nextRun ?? now) > patience;
  }

  /** How long it takes, in ms, until there may be something to do for the task. */
  waitFor(row: TaskRow, now: number): number {
    const known = this.#tasks.get(row.id);
    if (!known) return Infinity;
    if (row.holder !== undefined) return (row.leaseUntil ?? 0) - now + 1;
    if (row.triggeredAt !== undefined) return 0;
    return Math.max((row.nextRun ?? Infinity) - now, known.notBefore - this.#clock.elapsed());
  }

  /** While a clock that is moved by hand stands still, nothing runs that nobody has asked for. */
  #earliest({ initialDelay }: SoundTask): number {
    return this.#clock.elapsed() + Math.max(initialDelay, this.#clock.isManual ? 1 : 0);
  }
}

/** Somebody has triggered it, or begun and not ended it. */
function isAskedFor({ holder, triggeredAt }: TaskRow): boolean {
  return holder !== undefined || triggeredAt !== undefined;
}
