import type { DataSource, EntityManager } from 'typeorm';
import type { SchedulerClock } from '../../api/scheduler-clock.js';
import type { SoundTask } from './sound-task.js';
import {
  type EndedRun,
  type HeldRun,
  isDue,
  isFree,
  type KeptRun,
  type Look,
  type TaskRow,
  type TaskStore,
} from './task-store.js';

interface Options {
  readonly clock: SchedulerClock;
  readonly lease: number;
  readonly history: number;
  readonly dataSource: () => Promise<DataSource>;
}

/** The tasks of a plugin whose database ends with the process: there is one instance, which leases them of itself. */
export class MemoryTaskStore implements TaskStore {
  readonly #options: Options;
  readonly #rows = new Map<string, TaskRow & { readonly schedule: string }>();
  readonly #ended = new Map<string, KeptRun[]>();

  constructor(options: Options) {
    this.#options = options;
  }

  async prepare(): Promise<void> {}

  async register(tasks: readonly SoundTask[]): Promise<void> {
    for (const task of tasks) {
      const { id, schedule } = task;
      const known = this.#rows.get(id);
      if (known?.schedule === schedule) continue;
      this.#rows.set(id, { ...(known ?? fresh), id, schedule, nextRun: task.first(this.#now) });
    }
  }

  async look(): Promise<Look> {
    return { now: this.#now, rows: [...this.#rows.values()] };
  }

  async claim(ids: readonly string[], holder: string): Promise<void> {
    const now = this.#now;
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (!row || !isFree(row, now) || !isDue(row, now)) continue;
      const isScheduled = row.nextRun !== undefined && row.nextRun <= now;
      const dueAt = row.holder === undefined ? (isScheduled ? row.nextRun : row.triggeredAt) : row.dueAt;
      const begun = { holder, fence: row.fence + 1, dueAt, startedAt: now, leaseUntil: now + this.#options.lease };
      this.#rows.set(id, { ...row, ...begun, triggeredAt: undefined, isCancelled: false });
    }
  }

  async skip(tasks: Parameters<TaskStore['skip']>[0]): Promise<void> {
    for (const { id, nextRun, instead } of tasks) {
      const row = this.#rows.get(id);
      if (row && row.nextRun === nextRun && row.holder === undefined) this.#rows.set(id, { ...row, nextRun: instead });
    }
  }

  async renew(ids: readonly string[], holder: string): Promise<void> {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row?.holder === holder) this.#rows.set(id, { ...row, leaseUntil: this.#now + this.#options.lease });
    }
  }

  async end(runs: readonly EndedRun[], holder: string): Promise<void> {
    for (const {
      id,
      fence,
      startedAt,
      outcome,
      error,
      failures,
      isAgain,
      nextRun: [before, after],
    } of runs) {
      const row = this.#rows.get(id);
      if (!row || row.holder !== holder || row.fence !== fence) continue;
      const ended = { failures, ...(row.nextRun === before && { nextRun: after }) };
      this.#rows.set(id, isAgain ? { ...row, leaseUntil: 0 } : { ...row, ...ended, ...idle });
      this.#keep({
        id,
        fence,
        startedAt: new Date(startedAt),
        endedAt: new Date(this.#now),
        outcome,
        ...(error !== undefined && { error }),
      });
    }
  }

  async noteLost(rows: readonly TaskRow[]): Promise<void> {
    for (const { id, fence, startedAt = 0, leaseUntil = 0 } of rows) {
      if (this.#ended.get(id)?.some(run => run.fence === fence)) continue;
      this.#keep({ id, fence, startedAt: new Date(startedAt), endedAt: new Date(leaseUntil), outcome: 'lease-lost' });
    }
  }

  async trigger(id: string): Promise<boolean> {
    const row = this.#rows.get(id);
    if (!row || !isFree(row, this.#now)) return false;
    this.#rows.set(id, { ...row, triggeredAt: row.triggeredAt ?? this.#now });
    return true;
  }

  async cancel(id: string): Promise<boolean> {
    const row = this.#rows.get(id);
    if (!row || row.holder === undefined || isFree(row, this.#now)) return false;
    this.#rows.set(id, { ...row, isCancelled: true });
    return true;
  }

  async history(id: string): Promise<readonly KeptRun[]> {
    return (this.#ended.get(id) ?? []).toReversed();
  }

  async lastRuns(): Promise<readonly KeptRun[]> {
    return [...this.#ended.values()].map(runs => runs.at(-1)!);
  }

  async write<T>(
    { id, fence, holder, onHeld }: HeldRun,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<{ readonly result: T } | undefined> {
    const isHeld = (): boolean => {
      const row = this.#rows.get(id);
      return row !== undefined && row.fence === fence && row.holder === holder && !isFree(row, this.#now);
    };
    if (!isHeld()) return undefined;
    const dataSource = await this.#options.dataSource();
    const lost = new Error('the lease was lost');
    try {
      return await dataSource.transaction(async manager => {
        if (!isHeld()) throw lost;
        await this.renew([id], holder);
        onHeld();
        const result = await work(manager);
        if (!isHeld()) throw lost;
        return { result };
      });
    } catch (error) {
      if (error === lost) return undefined;
      throw error;
    }
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  #keep(run: KeptRun): void {
    const runs = this.#ended.get(run.id) ?? [];
    this.#ended.set(run.id, [...runs, run].slice(-this.#options.history));
  }
}

const idle = { holder: undefined, dueAt: undefined, startedAt: undefined, leaseUntil: undefined, isCancelled: false };
const fresh = { ...idle, triggeredAt: undefined, fence: 0, failures: 0 };
