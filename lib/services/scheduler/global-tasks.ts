import { randomUUID } from 'node:crypto';
import { AsyncResource } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';
import { withDeadline } from '../../util/deadline.js';
import type { SchedulerClock } from '../../api/scheduler-clock.js';
import type { TaskFunction, TaskRun } from '../../api/scheduler-service.js';
import { backOff, errorText } from './failures.js';
import { leaseLost } from './scheduler-errors.js';
import type { SchedulerSettings } from './scheduler-settings.js';
import type { SoundTask } from './sound-task.js';
import { type Ending, TaskExecution } from './task-execution.js';
import type { TaskReports } from './task-reports.js';
import { type EndedRun, isDue, isFree, type TaskRow, type TaskStore } from './task-store.js';
import { Turns } from './turns.js';

export interface GlobalTask {
  readonly task: SoundTask;
  readonly work: TaskFunction;
}

interface Options {
  readonly pluginId: string;
  readonly store: TaskStore;
  readonly clock: SchedulerClock;
  readonly settings: SchedulerSettings;
  readonly reports: TaskReports;
}

/** What was seen last, and when that was by our own clock. */
interface Seen {
  readonly now: number;
  readonly rows: ReadonlyMap<string, TaskRow>;
  readonly before: number;
  readonly after: number;
}

/** A run that is ours, from when it is begun until the store knows that it has ended. */
interface Held {
  readonly execution: TaskExecution;
  readonly row: TaskRow;
  /** It writes in a transaction, which has its row locked. */
  writing: number;
  ended?: EndedRun;
}

/**
 * The global tasks of a plugin, in this instance: begins those that are due and free, keeps their leases, and ends them.
 *
 * One loop does it for all of them, in turns: write what has ended, give leases their full time, take what is due, look.
 */
export class GlobalTasks {
  /** Who we are to other instances. */
  readonly #holder = randomUUID();
  readonly #options: Options;
  readonly #tasks = new Map<string, GlobalTask & { notBefore: number }>();
  readonly #held = new Map<string, Held>();
  readonly #turns: Turns;
  readonly #context = new AsyncResource('backplane.scheduler');
  #unknown = new Set<string>();
  #seen: Seen | undefined;
  #renewAt = Infinity;
  #isPrepared = false;
  #hasStarted = false;
  #isStopping = false;

  constructor(options: Options) {
    this.#options = options;
    this.#turns = new Turns(options.clock, () => this.#context.runInAsyncScope(() => this.#turn()));
  }

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  has(id: string): boolean {
    return this.#tasks.has(id);
  }

  add(task: GlobalTask): void {
    const { id } = task.task;
    this.#tasks.set(id, { ...task, notBefore: this.#earliest(task.task) });
    this.#unknown.add(id);
    if (!this.#hasStarted) return;
    this.#turns.open();
    this.#turns.wake();
  }

  remove(id: string): void {
    this.#tasks.delete(id);
    this.#unknown.delete(id);
  }

  /** Makes the tasks known to all instances. Rejects where the database cannot be asked. */
  async prepare(): Promise<void> {
    if (!this.#isPrepared) await this.#options.store.prepare();
    this.#isPrepared = true;
    if (this.#unknown.size === 0) return;
    const fresh = [...this.#unknown].flatMap(id => this.#tasks.get(id)?.task ?? []);
    await this.#options.store.register(fresh);
    for (const { id } of fresh) this.#unknown.delete(id);
  }

  /** From now on tasks run. */
  start(): void {
    this.#hasStarted = true;
    for (const task of this.#tasks.values()) task.notBefore = this.#earliest(task.task);
    if (!this.isEmpty) this.#turns.open();
  }

  /** Looks at once whether something is due. */
  wake(): void {
    this.#turns.wake();
  }

  /** Tells the runs to end; from now on none begins. */
  interrupt(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const { execution } of this.#held.values()) execution.interrupt('stopped');
  }

  /**
   * Waits for the runs to end, for so many ms, and gives back what has ended, so that others can go on with it at once.
   * The leases of what goes on all the same end by themselves.
   */
  async stop(limit: number): Promise<void> {
    this.interrupt();
    const all = Promise.all([...this.#held.values()].map(({ execution }) => execution.ended));
    await withDeadline(limit, () => all).catch(() => {});
    await this.#turns.close();
    if (this.#seen) await this.#context.runInAsyncScope(() => this.#giveBack());
  }

  /** The tasks that are running here. */
  get running(): readonly string[] {
    return [...this.#held.values()].filter(({ execution }) => !execution.hasEnded).map(({ execution }) => execution.id);
  }

  /** While a clock that is moved by hand stands still, nothing runs that nobody has asked for. */
  #earliest({ initialDelay }: SoundTask): number {
    const { clock } = this.#options;
    return clock.elapsed() + Math.max(initialDelay, clock.isManual ? 1 : 0);
  }

  async #turn(): Promise<number> {
    const { clock, settings, reports } = this.#options;
    try {
      await this.prepare();
      await this.#writeEnded();
      await this.#renew();
      // What nobody could foresee shows only now: it is taken at once.
      for (let claimed = await this.#claim(); ; claimed = false) {
        await this.#look();
        if (claimed || !(await this.#claim())) break;
      }
      reports.storeAnswers();
      return this.#nextTurn();
    } catch (error) {
      reports.storeFailed(error);
      return clock.elapsed() + Math.min(1_000, settings.poll);
    }
  }

  async #writeEnded(): Promise<void> {
    const ended = [...this.#held.values()].flatMap(held => (held.ended ? [held] : []));
    const kept = ended.filter(({ ended: run }) => run!.outcome !== 'lease-lost');
    if (kept.length > 0) {
      await this.#options.store.end(
        kept.map(({ ended: run }) => run!),
        this.#holder,
      );
    }
    for (const held of ended) {
      if (this.#held.get(held.execution.id) === held) this.#held.delete(held.execution.id);
    }
  }

  async #renew(): Promise<void> {
    const { clock, store, settings } = this.#options;
    const live = [...this.#held.values()].filter(({ execution }) => isLive(execution));
    if (live.length === 0) this.#renewAt = Infinity;
    if (clock.elapsed() < this.#renewAt) return;
    // A row that is locked by a write of ours would hold up all others; the write has renewed it.
    const ids = live.filter(({ writing }) => writing === 0).map(({ execution }) => execution.id);
    if (ids.length > 0) await store.renew(ids, this.#holder);
    this.#renewAt = clock.elapsed() + settings.lease / 3;
  }

  /** Begins, as far as the store is concerned, what is due; gives whether it tried. */
  async #claim(): Promise<boolean> {
    if (this.#isStopping || !this.#seen) return false;
    const { store, reports } = this.#options;
    const { rows } = this.#seen;
    const now = this.#now;
    const due = [...rows.values()].filter(row => this.#mayTake(row, now));
    const late = due.filter(row => this.#isTooLate(row, now));
    if (late.length > 0) {
      await store.skip(
        late.map(({ id, nextRun }) => ({ id, nextRun: nextRun!, instead: this.#tasks.get(id)!.task.next(now, now) })),
      );
      for (const { id, nextRun } of late) reports.skipped(id, nextRun!);
    }
    const taken = due.filter(row => !late.includes(row)).map(({ id }) => id);
    if (taken.length > 0) await store.claim(taken, this.#holder);
    return due.length > 0;
  }

  #mayTake(row: TaskRow, now: number): boolean {
    const known = this.#tasks.get(row.id);
    if (!known || this.#held.has(row.id) || !isFree(row, now) || !isDue(row, now)) return false;
    const isAsked = row.holder !== undefined || row.triggeredAt !== undefined;
    return isAsked || this.#options.clock.elapsed() >= known.notBefore;
  }

  /** Whether nobody was there when it was due, and it is not to be made up for. */
  #isTooLate({ id, holder, triggeredAt, nextRun }: TaskRow, now: number): boolean {
    if (holder !== undefined || triggeredAt !== undefined) return false;
    return this.#tasks.get(id)!.task.catchUp === 'none' && now - nextRun! > 2 * this.#options.settings.poll + 1_000;
  }

  async #look(): Promise<void> {
    const { clock, store, reports } = this.#options;
    const earlier = this.#seen?.rows;
    const before = clock.elapsed();
    const { now, rows } = await store.look();
    this.#seen = { now, rows: new Map(rows.map(row => [row.id, row])), before, after: clock.elapsed() };
    for (const held of this.#held.values()) this.#compare(held);
    const fresh = rows.filter(row => row.holder === this.#holder && !this.#held.has(row.id) && !isFree(row, now));
    const left = fresh.flatMap(({ id, fence, dueAt }) => {
      const last = earlier?.get(id);
      const isLeft = last?.holder !== undefined && last.fence === fence - 1 && last.dueAt === dueAt;
      // Who stops has given its lease back.
      return isLeft && last.leaseUntil !== 0 ? [last] : [];
    });
    if (!this.#isStopping) for (const row of fresh) this.#begin(row);
    for (const id of this.#tasks.keys()) if (!this.#seen.rows.has(id)) this.#unknown.add(id);
    if (left.length === 0) return;
    await store.noteLost(left);
    for (const { id, fence } of left) reports.takenOver(id, fence);
  }

  /** What has become of a run of ours in the eyes of all. */
  #compare({ execution, writing }: Held): void {
    const { rows, now, before } = this.#seen!;
    if (!isLive(execution)) return;
    const row = rows.get(execution.id);
    if (row?.holder !== this.#holder || row.fence !== execution.run.fence) {
      if (writing === 0) execution.interrupt('lease-lost');
      return;
    }
    if (writing === 0) execution.extend(before + (row.leaseUntil ?? 0) - now);
    if (row.isCancelled) execution.interrupt('cancelled');
  }

  #begin(row: TaskRow): void {
    const known = this.#tasks.get(row.id);
    if (!known) return;
    const { clock, settings, reports } = this.#options;
    const { lease } = settings;
    const { id, fence, dueAt = 0, leaseUntil = 0 } = row;
    const { now, before } = this.#seen!;
    const run: TaskRun = Object.freeze({
      fence,
      dueAt: new Date(dueAt),
      write: <T>(work: (manager: EntityManager) => Promise<T>) => this.#write(held, work),
    });
    const execution = new TaskExecution({
      id,
      run,
      work: known.work,
      timeout: known.task.timeout,
      clock,
      deadline: before + leaseUntil - now,
      lease,
      margin: Math.min(1_000, lease / 6),
      around: work => reports.around(known.task, run, work),
    });
    const held: Held = { execution, row, writing: 0 };
    this.#held.set(id, held);
    this.#renewAt = Math.min(this.#renewAt, before + lease / 3);
    const done = execution.ended.then(ending => this.#ended(known.task, held, ending));
    clock.during(done);
    execution.begin();
  }

  #ended(task: SoundTask, held: Held, ending: Ending): void {
    const { execution, row } = held;
    this.#options.reports.ended(task, execution, ending);
    const { outcome, error } = ending;
    const { id, fence, startedAt = 0, nextRun: before } = row;
    const hasFailed = outcome === 'failed' || outcome === 'timed-out';
    const failures = hasFailed ? row.failures + 1 : outcome === 'completed' ? 0 : row.failures;
    const wasScheduled = before !== undefined && before <= startedAt;
    const next = wasScheduled ? task.next(before, startedAt) : before;
    const after = hasFailed && next !== undefined ? Math.max(next, this.#now + backOff(failures)) : next;
    held.ended = {
      id,
      fence,
      startedAt,
      outcome,
      failures,
      error: outcome === 'failed' ? errorText(error) : undefined,
      // Whoever has not ignored its signal has not done its work either.
      isAgain: outcome === 'stopped',
      nextRun: [before, after],
    };
    // Others that end at about the same time are written with it.
    this.#turns.by(this.#options.clock.elapsed() + (this.#options.clock.isManual ? 0 : 20));
  }

  async #write<T>(held: Held, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { execution, row } = held;
    const { pluginId, store, clock, settings } = this.#options;
    const { id, fence } = row;
    // Asks the clock, too.
    execution.check();
    if (!isLive(execution)) throw leaseLost(pluginId, id, fence);
    const { deadline } = execution;
    const begin = clock.elapsed();
    held.writing += 1;
    let isWritten = false;
    try {
      const onHeld = (): void => execution.extend(begin + settings.lease);
      const written = await store.write({ id, fence, holder: this.#holder, onHeld }, work);
      if (!written) execution.interrupt('lease-lost');
      if (!written) throw leaseLost(pluginId, id, fence);
      isWritten = true;
      return written.result;
    } finally {
      held.writing -= 1;
      // What was undone has renewed nothing.
      if (!isWritten) execution.extend(Math.min(deadline, execution.deadline));
    }
  }

  /** The last turn: whatever is ours is free again. */
  async #giveBack(): Promise<void> {
    try {
      await this.#writeEnded();
      await this.#look();
      const left = [...this.#seen!.rows.values()].filter(row => row.holder === this.#holder && !this.#held.has(row.id));
      const again = left
        .filter(row => !isFree(row, this.#seen!.now))
        .map(({ id, fence, startedAt = 0, failures, nextRun }) => {
          const nothing = { outcome: 'stopped', error: undefined, isAgain: true } as const;
          return { ...nothing, id, fence, startedAt, failures, nextRun: [nextRun, nextRun] as const };
        });
      if (again.length > 0) await this.#options.store.end(again, this.#holder);
    } catch (error) {
      // Then the leases end by themselves.
      this.#options.reports.storeFailed(error);
    }
  }

  /** The time of the store, rather a little too early. */
  get #now(): number {
    const { now, after } = this.#seen ?? { now: this.#options.clock.now(), after: this.#options.clock.elapsed() };
    return now + this.#options.clock.elapsed() - after;
  }

  /** When something is known to be due, at the latest when others are to be looked at again. */
  #nextTurn(): number {
    const { clock, settings } = this.#options;
    if (this.#isStopping) return Infinity;
    const elapsed = clock.elapsed();
    const now = this.#now;
    const known = [...this.#seen!.rows.values()].filter(({ id }) => this.#tasks.has(id) && !this.#held.has(id));
    const waits = known.map(row => {
      if (row.holder !== undefined) return (row.leaseUntil ?? 0) - now + 1;
      if (row.triggeredAt !== undefined) return 0;
      const { notBefore } = this.#tasks.get(row.id)!;
      return Math.max((row.nextRun ?? Infinity) - now, notBefore - elapsed);
    });
    // Of a clock that is moved by hand there is no other instance.
    const poll = clock.isManual ? Infinity : settings.poll;
    return Math.min(this.#renewAt, elapsed + Math.min(poll, ...waits));
  }
}

function isLive(execution: TaskExecution): boolean {
  return !execution.hasEnded && execution.interruption === undefined;
}
